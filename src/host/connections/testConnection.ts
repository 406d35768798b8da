import * as vscode from 'vscode';
import type { CheckLine } from '../../postgres/connectionCheck';
import { HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { Servers } from './servers';
import { serverTitle } from './serverTitle';

/** As every connection of ours is called on the server. */
const APPLICATION_NAME = 'walexplorer_test';

/**
 * Connects anew and shows what was found, a line for each thing, with what to do about what is wrong.
 * Resolves with the lines as soon as they are shown. Throws Cancelled when no password is given.
 */
export async function testConnection(
  servers: Servers,
  name: string,
): Promise<readonly CheckLine[]> {
  const server = messageText(serverTitle({ name, ...servers.markOf(name) }));
  const lines = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Testing the connection to ${server}`,
      cancellable: true,
    },
    async (_, token) => {
      const giveUp = new AbortController();
      const listener = token.onCancellationRequested(() => {
        giveUp.abort();
      });
      try {
        return await look(servers, name, giveUp.signal);
      } finally {
        listener.dispose();
      }
    },
  );
  if (lines.length > 0) show(`Connection to ${server}`, lines);
  return lines;
}

async function look(
  servers: Servers,
  name: string,
  signal: AbortSignal,
): Promise<readonly CheckLine[]> {
  // What is wrong with the entry itself is told like any failure of a command.
  const { readOnly } = servers.factsOf(name);
  try {
    const lines = await servers.probe(name, signal, async session => {
      const { checkConnection } = await import('../../postgres/connectionCheck');
      return checkConnection(session, { applicationName: APPLICATION_NAME, signal });
    });
    return readOnly ? [...lines, READ_ONLY] : lines;
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof HostFailure)) throw error;
    const { message, action } = error.failure;
    return [{ code: 'connection', state: 'bad', text: message, advice: action }];
  }
}

const READ_ONLY: CheckLine = {
  code: 'profile',
  state: 'note',
  text: 'Marked read-only here: every statement that changes the server is refused.',
  advice: '',
};

const ICONS = { good: 'pass', note: 'info', bad: 'warning' } as const;
/** For a screen reader, which reads no icons. */
const WORDS = { good: '', note: '', bad: 'Problem: ' } as const;

function show(title: string, lines: readonly CheckLine[]): void {
  const bad = lines.filter(line => line.state === 'bad').length;
  const pick = vscode.window.createQuickPick();
  const copy: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: 'Copy',
  };
  pick.title = title;
  pick.placeholder =
    bad === 0
      ? 'Everything that is needed is there'
      : `${bad === 1 ? 'One thing is' : `${bad} things are`} in the way`;
  pick.items = lines.map(({ state, text, advice }) => ({
    label: `$(${ICONS[state]}) ${WORDS[state]}${messageText(text)}`,
    ...(advice === '' ? {} : { detail: messageText(advice) }),
  }));
  pick.buttons = [copy];
  pick.ignoreFocusOut = true;
  pick.onDidTriggerButton(() => {
    const report = lines.map(({ text, advice }) => `${text} ${advice}`.trim()).join('\n');
    void vscode.env.clipboard.writeText(report);
  });
  pick.onDidAccept(() => {
    pick.hide();
  });
  pick.onDidHide(() => {
    pick.dispose();
  });
  pick.show();
}
