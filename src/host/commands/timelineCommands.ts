import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable';
import { formatPlural } from '../../base/quantity';
import type { ExportScope } from '../../shared/readerApi';
import type { TimelineCommand } from '../../shared/timelineApi';
import { isKnownPlugin } from '../../shared/textPlugin';
import type { CommandId } from '../commandIds';
import { COMMANDS } from '../commandIds';
import { Cancelled } from '../hostFailure';
import type { Timeline } from '../timeline/timeline';
import type { Timelines } from '../timeline/timelines';
import { registerCommand } from './commandRunner';
import { chooseTimeline } from './captureCommands';

/** Commands for what a timeline shows: by key and palette for the active one, by the menus of its rows. */
export function timelineCommands(
  timelines: Timelines,
  log: vscode.LogOutputChannel,
): readonly Disposable[] {
  const passOn = (id: CommandId, name: TimelineCommand['name']): Disposable =>
    registerCommand(id, log, async arg => {
      const timeline = await active(timelines, 'In which timeline?');
      const row = rowOf(arg);
      timeline.command(row === undefined ? { name } : { name, row });
    });
  return [
    passOn(COMMANDS.findInTimeline, 'find'),
    passOn(COMMANDS.findNext, 'nextMatch'),
    passOn(COMMANDS.findPrevious, 'previousMatch'),
    passOn(COMMANDS.goToPosition, 'jump'),
    passOn(COMMANDS.firstChangeOfRow, 'firstOfRow'),
    passOn(COMMANDS.previousChangeOfRow, 'previousOfRow'),
    passOn(COMMANDS.nextChangeOfRow, 'nextOfRow'),
    passOn(COMMANDS.lastChangeOfRow, 'lastOfRow'),
    passOn(COMMANDS.filterByRow, 'filterByRow'),
    passOn(COMMANDS.filterTransaction, 'filterTransaction'),
    passOn(COMMANDS.filterValue, 'filterValue'),
    passOn(COMMANDS.excludeValue, 'excludeValue'),
    passOn(COMMANDS.toggleBookmark, 'bookmark'),
    passOn(COMMANDS.nextBookmark, 'nextBookmark'),
    passOn(COMMANDS.previousBookmark, 'previousBookmark'),
    passOn(COMMANDS.copyRow, 'copy'),
    passOn(COMMANDS.copyRowJson, 'copyJson'),
    passOn(COMMANDS.exportSelection, 'exportSelection'),
    registerCommand(COMMANDS.copyValue, log, async arg => {
      const value = valueOf(arg);
      if (value === undefined) return;
      const timeline = await active(timelines, 'Of which timeline?');
      await timeline.tools.copy({ what: 'value', ...value });
    }),
    registerCommand(COMMANDS.startMark, log, async arg => {
      const { timeline, name } = markRequest(arg);
      return (await streaming(timelines, timeline)).marks.start(name);
    }),
    registerCommand(COMMANDS.stopMark, log, async arg => {
      const { timeline } = markRequest(arg);
      return (await (await streaming(timelines, timeline)).marks.stop()).result;
    }),
    registerCommand(COMMANDS.exportTimeline, log, async arg => {
      const timeline =
        typeof arg === 'number'
          ? await chooseTimeline(timelines.list(), timelines, arg, EXPORT_WHICH)
          : await active(timelines, EXPORT_WHICH);
      await timeline.tools.export(await askScope(timeline));
    }),
  ];
}

const EXPORT_WHICH = 'Export which timeline?';

/** The timeline that is active, else the only one, else the one that is picked; it is in front then. */
async function active(timelines: Timelines, question: string): Promise<Timeline> {
  const timeline = await chooseTimeline(timelines.list(), timelines, undefined, question);
  if (!timeline.panel.active) timeline.panel.reveal();
  return timeline;
}

/** The timeline of this number; else the one that is in front, or runs; it stays where it is. */
function streaming(timelines: Timelines, id: number | undefined): Promise<Timeline> {
  const running = timelines.list().filter(timeline => timeline.isStreaming);
  const front = running.find(({ panel }) => panel.active);
  if (id === undefined && front !== undefined) return Promise.resolve(front);
  return chooseTimeline(running, timelines, id, 'Mark in which timeline?');
}

/** Of a script: `{ timeline, name }`, both optional. */
function markRequest(arg: unknown): {
  readonly timeline: number | undefined;
  readonly name: string;
} {
  if (typeof arg !== 'object' || arg === null) return { timeline: undefined, name: '' };
  const { timeline, name } = arg as Readonly<Record<string, unknown>>;
  return {
    timeline: isCount(timeline) ? timeline : undefined,
    name: typeof name === 'string' ? name : '',
  };
}

/** All, or what the filter lets through: asked only where there is a difference. */
async function askScope(timeline: Timeline): Promise<ExportScope> {
  const { view, source } = timeline.snapshot;
  const { matched, changes } = view;
  if (matched === changes) return 'all';
  await timeline.focusSettled();
  // Only the plugin itself knows what a change is in a text of its own.
  const noun = isKnownPlugin(source.plugin) ? 'change' : 'line';
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: 'Filtered Changes',
        description: formatPlural(matched, noun),
        scope: 'view' as const,
      },
      { label: 'All Changes', description: formatPlural(changes, noun), scope: 'all' as const },
    ],
    { placeHolder: 'Export what?' },
  );
  if (picked === undefined) throw new Cancelled();
  return picked.scope;
}

/** What the page put into the context of the menu, as far as it is well-formed. */
function rowOf(arg: unknown): TimelineCommand['row'] {
  if (typeof arg !== 'object' || arg === null) return undefined;
  const { seq, transaction } = arg as Readonly<Record<string, unknown>>;
  if (!isCount(seq) || typeof transaction !== 'number') return undefined;
  return { seq, transaction };
}

function valueOf(
  arg: unknown,
):
  { readonly seq: number; readonly column: number; readonly side: 'before' | 'after' } | undefined {
  if (typeof arg !== 'object' || arg === null) return undefined;
  const { seq, column, side } = arg as Readonly<Record<string, unknown>>;
  if (!isCount(seq) || !isCount(column)) return undefined;
  return side === 'before' || side === 'after' ? { seq, column, side } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
