import * as vscode from 'vscode';
import type { CheckRequest } from '../../postgres/preflight/checkRequest';
import type { Finding } from '../../postgres/preflight/finding';
import { HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { Servers } from './servers';
import { serverTitle } from './serverTitle';

/** As every connection of ours is called on the server. */
const APPLICATION_NAME = 'walexplorer_check';

/** What is looked at: a server as such, or whether a slot or a publication of it can be watched. */
export interface CheckSubject extends Omit<CheckRequest, 'readOnly'> {
  readonly server: string;
  /** Database to look from; the profile's own when absent. */
  readonly database?: string;
}

/**
 * Connects anew and shows what was found, problems first, with what to do about them and the SQL to copy.
 * Resolves with the findings in their own order as soon as they are shown. Throws Cancelled when no password
 * is given.
 */
export async function checkServer(
  servers: Servers,
  subject: CheckSubject,
): Promise<readonly Finding[]> {
  const name = subject.server;
  const server = messageText(serverTitle({ name, ...servers.markOf(name) }));
  const findings = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: `Checking ${server}`,
      cancellable: true,
    },
    async (_, token) => {
      const giveUp = new AbortController();
      const listener = token.onCancellationRequested(() => {
        giveUp.abort();
      });
      try {
        return await look(servers, subject, giveUp.signal);
      } finally {
        listener.dispose();
      }
    },
  );
  const what = subject.slot ?? subject.publications?.join(', ');
  const title =
    what === undefined ? `Check of ${server}` : `Check of ${messageText(what)} on ${server}`;
  if (findings.length > 0) show(title, findings);
  return findings;
}

async function look(
  servers: Servers,
  { server, database, ...request }: CheckSubject,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  // What is wrong with the entry itself is told like any failure of a command.
  const { readOnly } = servers.factsOf(server);
  try {
    return await servers.probe(
      server,
      signal,
      async session => {
        const check = await import('../../postgres/connectionCheck');
        return check.checkServer(
          session,
          { ...request, readOnly },
          { applicationName: APPLICATION_NAME, signal },
        );
      },
      database,
    );
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof HostFailure)) throw error;
    const check = await import('../../postgres/connectionCheck');
    return [check.unreachable(error.failure)];
  }
}

const ORDER = ['problem', 'warning', 'unknown', 'ok'] as const;
const ICONS = { ok: 'pass', warning: 'warning', problem: 'error', unknown: 'question' } as const;
/** For a screen reader, which reads no icons. */
const WORDS = { ok: '', warning: 'Warning: ', problem: 'Problem: ', unknown: 'Unknown: ' } as const;

interface FindingItem extends vscode.QuickPickItem {
  readonly finding: Finding;
}

function show(title: string, findings: readonly Finding[]): void {
  const pick = vscode.window.createQuickPick<FindingItem>();
  const copyAll: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: 'Copy All',
  };
  const copySql: vscode.QuickInputButton = {
    iconPath: new vscode.ThemeIcon('copy'),
    tooltip: 'Copy SQL',
  };
  pick.title = title;
  pick.placeholder = summary(findings);
  pick.matchOnDetail = true;
  pick.items = ORDER.flatMap(state => findings.filter(each => each.state === state)).map(
    finding => ({
      finding,
      label: `$(${ICONS[finding.state]}) ${WORDS[finding.state]}${finding.subject}`,
      // The sentence in full below it: a label is cut at the width of the list.
      detail: messageText([finding.sentence, finding.action].join(' ').trim()),
      ...(finding.sql === undefined ? {} : { buttons: [copySql] }),
    }),
  );
  pick.buttons = [copyAll];
  pick.ignoreFocusOut = true;
  pick.onDidTriggerButton(() => {
    void vscode.env.clipboard.writeText(findings.map(reportOf).join('\n'));
  });
  pick.onDidTriggerItemButton(({ item }) => {
    void vscode.env.clipboard.writeText(item.finding.sql ?? '');
  });
  pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    if (chosen !== undefined) void explain(chosen.finding);
  });
  pick.onDidHide(() => {
    pick.dispose();
  });
  pick.show();
}

/** A finding in full, which the list cuts at its width. */
async function explain({ subject, sentence, action, sql }: Finding): Promise<void> {
  const copy = 'Copy SQL';
  const statements = (sql ?? '').split('\n').map(messageText).join('\n');
  const detail = [messageText(action), statements].filter(text => text !== '').join('\n\n');
  const answer = await vscode.window.showInformationMessage(
    messageText(`${subject}: ${sentence}`),
    { modal: true, detail },
    ...(sql === undefined ? [] : [copy]),
  );
  if (answer === copy) await vscode.env.clipboard.writeText(sql ?? '');
}

function summary(findings: readonly Finding[]): string {
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  if (problems > 0)
    return `${problems === 1 ? 'One thing is' : `${problems} things are`} in the way`;
  if (warnings > 0) {
    return `Nothing is in the way; ${warnings === 1 ? 'one thing is' : `${warnings} things are`} worth a look`;
  }
  return 'Everything that is needed is there';
}

function reportOf({ state, subject, sentence, action, sql }: Finding): string {
  const text = `${state}: ${subject}: ${[sentence, action].join(' ').trim()}`;
  return sql === undefined ? text : `${text}\n${sql}`;
}
