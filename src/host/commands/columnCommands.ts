import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { formatPlural } from '../../base/quantity';
import type { ChangeDetail } from '../../shared/changeDetail';
import { maskOf } from '../../shared/columnMask';
import { COMMANDS } from '../commandIds';
import type { ColumnMasks, ColumnPlace } from '../connections/columnMasks';
import { messageText } from '../messageText';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';
import { chooseTimeline } from './captureCommands';
import { registerCommand } from './commandRunner';

/** Commands that mask the columns of what a timeline shows, by the menus of its rows and values. */
export function columnCommands(
  timelines: Timelines,
  masks: ColumnMasks,
  log: vscode.LogOutputChannel,
): readonly Disposable[] {
  const shown = (): Promise<Timeline> =>
    chooseTimeline(timelines.list(), timelines, undefined, 'Of which timeline?');
  const asked = async (arg: unknown): Promise<Asked | undefined> => {
    const { seq, column } = placeOf(arg);
    if (seq === undefined) return undefined;
    const timeline = await shown();
    const detail = await timeline.columnsOf(seq);
    const { server } = timeline.snapshot.source;
    return { server, detail, name: column === undefined ? '' : detail.columns[column]?.name };
  };
  return [
    registerCommand(COMMANDS.maskColumn, log, async arg => {
      const found = await asked(arg);
      if (found?.name === undefined || found.name === '') return;
      const { server, detail, name } = found;
      await masks.mask(server, [place(detail, name)]);
      tell(masks, server, `${name} of ${tableOf(detail)} is masked now`);
    }),
    registerCommand(COMMANDS.unmaskColumn, log, async arg => {
      const found = await asked(arg);
      if (found?.name === undefined || found.name === '') return;
      await unmask(masks, found.server, [place(found.detail, found.name)]);
    }),
    registerCommand(COMMANDS.chooseMaskedColumns, log, async arg => {
      const found = await asked(arg);
      if (found !== undefined) await choose(masks, found);
    }),
  ];
}

interface Asked {
  /** Where the values come from. */
  readonly server: string;
  readonly detail: ChangeDetail;
  /** Of the column, where one was meant. */
  readonly name: string | undefined;
}

async function choose(masks: ColumnMasks, { server, detail }: Asked): Promise<void> {
  if (detail.columns.length === 0) {
    void vscode.window.showInformationMessage('This row has no columns that could be masked.');
    return;
  }
  const items = detail.columns.map(({ name, type, before, after }) => ({
    label: messageText(name),
    description: messageText(type),
    picked: before.kind === 'masked' || after.kind === 'masked',
    name,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: messageText(`Masked Columns of ${tableOf(detail)}`),
    placeHolder: 'Whose values should nobody see here?',
    canPickMany: true,
  });
  if (picked === undefined) return;
  const chosen = new Set(picked.map(({ name }) => name));
  const now = items.filter(item => chosen.has(item.name) && !item.picked);
  const gone = items.filter(item => !chosen.has(item.name) && item.picked);
  if (now.length > 0) {
    await masks.mask(
      server,
      now.map(({ name }) => place(detail, name)),
    );
    tell(
      masks,
      server,
      `${formatPlural(now.length, 'column')} of ${tableOf(detail)} masked: ${now.map(({ name }) => name).join(', ')}`,
    );
  }
  if (gone.length > 0) {
    await unmask(
      masks,
      server,
      gone.map(({ name }) => place(detail, name)),
    );
  }
}

/** Says where it was noted, since that is where it can be taken back. */
function tell(masks: ColumnMasks, server: string, what: string): void {
  const owner = masks.ownerFor(server);
  const where =
    owner === 'everything'
      ? 'in the setting walExplorer.maskedColumns'
      : `in the settings of ${owner.server}`;
  void vscode.window.showInformationMessage(messageText(`${what}, ${where}.`));
}

async function unmask(
  masks: ColumnMasks,
  server: string,
  places: readonly ColumnPlace[],
): Promise<void> {
  const own = maskOf(masks.of(server));
  if (!places.some(({ schema, table, column }) => own.has(schema, table, column))) {
    void vscode.window.showInformationMessage(
      'These values are not in this capture: they were left out when it was written.',
    );
    return;
  }
  const left = await masks.unmask(server, places);
  if (left.length === 0) return;
  const openSettings = 'Open Settings';
  const answer = await vscode.window.showWarningMessage(
    messageText(
      `Still masked by ${left.join(', ')}, which covers other columns too. Change that pattern in the settings.`,
    ),
    openSettings,
  );
  if (answer !== openSettings) return;
  await vscode.commands.executeCommand(
    'workbench.action.openSettings',
    'walExplorer.maskedColumns walExplorer.servers',
  );
}

function place({ schema, table }: ChangeDetail, column: string): ColumnPlace {
  return { schema, table, column };
}

function tableOf({ schema, table }: ChangeDetail): string {
  return schema === '' ? table : `${schema}.${table}`;
}

/** What the page put into the context of the menu, as far as it is well-formed. */
function placeOf(arg: unknown): { readonly seq?: number; readonly column?: number } {
  if (typeof arg !== 'object' || arg === null) return {};
  const { seq: line, singleChange, column } = arg as Readonly<Record<string, unknown>>;
  // The line of a transaction of a single change shows that change.
  const seq = singleChange ?? line;
  if (!isCount(seq)) return {};
  return isCount(column) ? { seq, column } : { seq };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
