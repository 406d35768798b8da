import type * as vscode from 'vscode';
import type { ConnectionParameters } from '../../postgres/connectionString';
import { parseConnectionString, parsePort } from '../../postgres/connectionString';
import { resolveTarget } from '../../postgres/resolveTarget';
import type { SslMode } from '../../shared/connection';
import { NO_MARK } from '../../shared/connection';
import type { Step } from '../multiStep';
import { askInSteps, askPick, askText, BACK } from '../multiStep';
import { addressOf } from './passwordPrompt';
import type { ConnectionProfile } from './profile';
import { freeName, nameProblem } from './profile';
import type { ProfileStore } from './profileStore';
import { formatProfileUrl, suggestName } from './profileUrl';

/** A server as it is being described. */
interface Draft {
  readonly parameters: ConnectionParameters;
  readonly name: string;
  readonly readOnly: boolean;
}

const TITLE = 'Add Server';
const EMPTY: Draft = { parameters: {}, name: '', readOnly: false };

/** Asks for a server, by URI or step by step, and keeps it. Throws Cancelled. */
export async function addServerByQuestions(profiles: ProfileStore): Promise<string> {
  const taken = namesOf(profiles);
  const ways = [
    {
      label: '$(link) Connection String',
      description: 'postgresql://user@host:5432/database',
      steps: [askUrl, askName(taken), askAccess],
    },
    {
      label: '$(list-ordered) Step by Step',
      description: 'host, port, database, user, password, TLS',
      steps: [
        askHost,
        askPort,
        askDatabase,
        askUser,
        askPassword,
        askSslMode,
        askName(taken),
        askAccess,
      ],
    },
  ];
  const way = await askPick({
    title: TITLE,
    step: 1,
    totalSteps: 1,
    items: ways,
    placeholder: 'How do you want to describe the server?',
  });
  const draft = await askInSteps(TITLE, EMPTY, way === BACK ? [] : way.steps);
  return keep(profiles, draft);
}

/** Keeps a server that is described already; its name is made unique. */
export async function addServerByUrl(
  profiles: ProfileStore,
  given: { readonly url: string; readonly name?: string; readonly readOnly?: boolean },
): Promise<string> {
  const parameters = parseConnectionString(given.url);
  return keep(profiles, {
    parameters,
    name: freeName(given.name ?? suggestName(parameters), namesOf(profiles)),
    readOnly: given.readOnly ?? false,
  });
}

/** The password goes to the secret storage first: the setting never sees it. */
async function keep(profiles: ProfileStore, draft: Draft): Promise<string> {
  const { parameters, readOnly } = draft;
  const name = draft.name.trim();
  if (parameters.password !== undefined && parameters.password !== '') {
    const { target } = await resolveTarget(parameters);
    await profiles.storePassword(name, addressOf(target), parameters.password);
  }
  const profile: ConnectionProfile = {
    name,
    url: formatProfileUrl(parameters),
    readOnly,
    ...NO_MARK,
  };
  await profiles.add(profile);
  return name;
}

function namesOf(profiles: ProfileStore): readonly string[] {
  return profiles.read().profiles.map(profile => profile.name);
}

const askUrl: Step<Draft> = async (draft, place) => {
  const text = await askText({
    ...place,
    prompt:
      'URI or key=value string as libpq reads it. A password in it goes to the secret storage.',
    placeholder: 'postgresql://user@host:5432/database?sslmode=require',
    validate: value => (value.trim() === '' ? 'Enter a connection string.' : urlProblem(value)),
  });
  if (text === BACK) return BACK;
  return { ...draft, parameters: parseConnectionString(text) };
};

const askHost = textStep('host', {
  prompt: 'Host name or address, or the folder of a Unix socket',
  placeholder: 'localhost',
});
const askPort = textStep('port', {
  prompt: 'Port',
  placeholder: '5432',
  validate: portProblem,
});
const askDatabase = textStep('dbname', {
  prompt: 'Database to begin with; the others are found from there',
  placeholder: 'as the user is called',
});
const askUser = textStep('user', {
  prompt: 'User; looking needs only LOGIN and REPLICATION',
  placeholder: 'as you are called on this machine',
});
const askPassword = textStep('password', {
  prompt: 'Password, kept in the secret storage. Empty: asked for, or taken from the password file',
  secret: true,
});

/** One parameter as a line of text; left empty, libpq's own default counts. */
function textStep(
  name: keyof ConnectionParameters,
  question: {
    readonly prompt: string;
    readonly placeholder?: string;
    readonly secret?: boolean;
    readonly validate?: (text: string) => string | undefined;
  },
): Step<Draft> {
  return async (draft, place) => {
    const text = await askText({ ...place, ...question, value: draft.parameters[name] ?? '' });
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

const askSslMode: Step<Draft> = async (draft, place) => {
  const item = await askPick({
    ...place,
    items: SSL_ITEMS,
    placeholder: 'How strictly is TLS asked for?',
  });
  if (item === BACK) return BACK;
  return { ...draft, parameters: { ...draft.parameters, sslmode: item.mode } };
};

function askName(taken: readonly string[]): Step<Draft> {
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

const askAccess: Step<Draft> = async (draft, place) => {
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
  });
  return item === BACK ? BACK : { ...draft, readOnly: item.readOnly };
};

function urlProblem(text: string): string | undefined {
  try {
    const { port } = parseConnectionString(text);
    return port === undefined ? undefined : portProblem(port);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function portProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    parsePort(text.trim());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
