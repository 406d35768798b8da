import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import type { Servers } from './servers';

const KEY = 'decodingNotice.shown';

const NOTICE =
  'WAL Explorer shows every row that is written: SELECT privileges and row-level security hide nothing from decoding.';
const MEANING = `Whoever may open a replication connection receives every row that is written, with every column that the publication lets through. Neither the role's SELECT privileges nor row-level security hide anything.

A capture therefore holds rows of the database. It lies in a file that only you can read, goes away unless you save it, and is sent nowhere. Share captures and exports as you would share the rows themselves.

To see less, tail a publication that has column lists and row filters.`;

/** Says what decoding may see, at the first connection that is ever made on this machine, and never again. */
export function showDecodingNoticeOnce(servers: Servers, memory: vscode.Memento): Disposable {
  let shown = false;
  return servers.onDidConnect(() => {
    if (shown || memory.get<boolean>(KEY) === true) return;
    shown = true;
    void tell(memory);
  });
}

async function tell(memory: vscode.Memento): Promise<void> {
  // Before it is read: a window that is closed meanwhile must not bring it again.
  await memory.update(KEY, true);
  const more = 'What This Means';
  const answer = await vscode.window.showInformationMessage(NOTICE, more);
  if (answer !== more) return;
  await vscode.window.showInformationMessage('What decoding shows', {
    modal: true,
    detail: MEANING,
  });
}
