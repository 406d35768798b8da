import type * as vscode from 'vscode';
import type { ConnectionParameters } from '../../postgres/connectionString';
import { checkParameters } from '../../postgres/connectionChoices';
import { parseConnectionString } from '../../postgres/connectionString';
import { sshDestinationProblem } from '../../postgres/ssh/sshDestination';
import type { ServerColor, ServerMark, SslMode } from '../../shared/connection';
import { SERVER_COLORS } from '../../shared/connection';
import { messageText } from '../messageText';
import type { Step } from '../multiStep';
import { askPick, askText, BACK } from '../multiStep';
import { freeName, labelProblem, nameProblem } from './profile';
import { formatProfileUrl, suggestName } from './profileUrl';
import { colorIcon } from './serverColors';

/** A server as it is being described. */
export interface ServerDraft extends ServerMark {
  readonly parameters: ConnectionParameters;
  /** The SSH server to go through; absent for none. */
  readonly ssh?: string;
  readonly name: string;
  readonly readOnly: boolean;
}

export const askUrl: Step<ServerDraft> = async (draft, place) => {
  const text = await askText({
    ...place,
    value: Object.keys(draft.parameters).length === 0 ? '' : formatProfileUrl(draft.parameters),
    prompt:
      'URI or key=value string as libpq reads it. A password in it goes to the secret storage.',
    placeholder: 'postgresql://user@host:5432/database?sslmode=require',
    validate: value => (value.trim() === '' ? 'Enter a connection string.' : urlProblem(value)),
  });
  if (text === BACK) return BACK;
  return { ...draft, parameters: parseConnectionString(text) };
};

export const askSsh: Step<ServerDraft> = async (draft, place) => {
  const { ssh = '', ...rest } = draft;
  const text = await askText({
    ...place,
    value: ssh,
    prompt:
      'SSH server to go through, by your ssh program with its configuration and agent. Empty: none',
    placeholder: 'user@host, ssh://user@host:port, or a name of ~/.ssh/config',
    validate: value => (value.trim() === '' ? undefined : sshDestinationProblem(value.trim())),
  });
  if (text === BACK) return BACK;
  return text.trim() === '' ? rest : { ...rest, ssh: text.trim() };
};

export const askHost = textStep('host', {
  prompt: 'Host name or address, or the folder of a Unix socket; several with commas between them',
  placeholder: 'localhost',
});
export const askPort = textStep('port', {
  prompt: 'Port; one, or one for each host with commas between them',
  placeholder: '5432',
  validate: portProblem,
});
export const askDatabase = textStep('dbname', {
  prompt: 'Database to begin with; the others are found from there',
  placeholder: 'as the user is called',
});
export const askUser = textStep('user', {
  prompt: 'User; looking needs only LOGIN and REPLICATION',
  placeholder: 'as you are called on this machine',
});
/** Asks for the password; `advice` says what leaving it empty means. */
export function askPassword(
  advice: (draft: ServerDraft) => Promise<string> = () => Promise.resolve(EMPTY_PASSWORD),
): Step<ServerDraft> {
  return async (draft, place) => {
    const prompt = `Password, kept in the secret storage. ${messageText(await advice(draft))}`;
    return textStep('password', { prompt, secret: true })(draft, place);
  };
}

export const EMPTY_PASSWORD = 'Empty: asked for, or taken from the password file';

/** One parameter as a line of text; left empty, libpq's own default counts. */
function textStep(
  name: keyof ConnectionParameters,
  question: {
    readonly prompt: string;
    readonly placeholder?: string;
    readonly secret?: boolean;
    readonly validate?: (text: string, draft: ServerDraft) => string | undefined;
  },
): Step<ServerDraft> {
  return async (draft, place) => {
    const { validate, ...rest } = question;
    const text = await askText({
      ...place,
      ...rest,
      value: draft.parameters[name] ?? '',
      ...(validate === undefined ? {} : { validate: typed => validate(typed, draft) }),
    });
    if (text === BACK) return BACK;
    const others = Object.entries(draft.parameters).filter(([other]) => other !== name);
    const own = question.secret === true ? text : text.trim();
    return {
      ...draft,
      parameters: Object.fromEntries(own === '' ? others : [...others, [name, own]]),
    };
  };
}

interface SslItem extends vscode.QuickPickItem {
  readonly mode: SslMode;
}

const SSL_ITEMS: readonly SslItem[] = [
  { mode: 'prefer', label: 'prefer', description: 'encrypted where the server can; the default' },
  { mode: 'require', label: 'require', description: 'encrypted, whoever the server is' },
  {
    mode: 'verify-ca',
    label: 'verify-ca',
    description: 'encrypted, certificate by a known authority',
  },
  { mode: 'verify-full', label: 'verify-full', description: 'the same, and for this host name' },
  { mode: 'allow', label: 'allow', description: 'encrypted only where the server insists' },
  { mode: 'disable', label: 'disable', description: 'never encrypted' },
];

export const askSslMode: Step<ServerDraft> = async (draft, place) => {
  const item = await askPick({
    ...place,
    items: SSL_ITEMS,
    placeholder: 'How strictly is TLS asked for?',
    ...activeItem(SSL_ITEMS.find(each => each.mode === draft.parameters.sslmode)),
  });
  if (item === BACK) return BACK;
  return { ...draft, parameters: { ...draft.parameters, sslmode: item.mode } };
};

export function askName(taken: readonly string[]): Step<ServerDraft> {
  return async (draft, place) => {
    const name = await askText({
      ...place,
      prompt: 'Name of the server in the sidebar',
      value: draft.name === '' ? freeName(suggestName(draft.parameters), taken) : draft.name,
      validate: text => nameProblem(text, taken),
    });
    return name === BACK ? BACK : { ...draft, name };
  };
}

export const askAccess: Step<ServerDraft> = async (draft, place) => {
  const items = [
    {
      label: '$(edit) Normal',
      description: 'commands that change the server ask first',
      readOnly: false,
    },
    {
      label: '$(lock) Read-Only',
      description: 'every statement that changes the server is refused',
      readOnly: true,
    },
  ];
  const item = await askPick({
    ...place,
    items,
    placeholder: 'May this server be changed from here?',
    ...activeItem(items.find(each => each.readOnly === draft.readOnly)),
  });
  return item === BACK ? BACK : { ...draft, readOnly: item.readOnly };
};

export const askLabel: Step<ServerDraft> = async (draft, place) => {
  const label = await askText({
    ...place,
    prompt: 'Label that stands beside the name wherever the server is; may stay empty',
    placeholder: 'prod',
    value: draft.label,
    validate: labelProblem,
  });
  return label === BACK ? BACK : { ...draft, label: label.trim() };
};

interface ColorItem extends vscode.QuickPickItem {
  readonly color: ServerColor | '';
}

/** Asks for the colour of the server's icon and panels. */
export function askColor(extensionUri: vscode.Uri): Step<ServerDraft> {
  const items: readonly ColorItem[] = [
    { color: '', label: 'None' },
    ...SERVER_COLORS.map(color => ({
      color,
      label: `${color.charAt(0).toUpperCase()}${color.slice(1)}`,
      iconPath: colorIcon(extensionUri, color),
    })),
  ];
  return async (draft, place) => {
    const item = await askPick({
      ...place,
      items,
      placeholder: 'Colour of its icon and its panels',
      ...activeItem(items.find(each => each.color === draft.color)),
    });
    return item === BACK ? BACK : { ...draft, color: item.color };
  };
}

function activeItem<T>(active: T | undefined): { readonly active?: T } {
  return active === undefined ? {} : { active };
}

function urlProblem(text: string): string | undefined {
  try {
    checkParameters(parseConnectionString(text));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** As many ports as hosts, or one. */
function portProblem(text: string, { parameters }: ServerDraft): string | undefined {
  try {
    checkParameters({ ...parameters, port: text.trim() });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
