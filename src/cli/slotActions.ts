import { assertAdvanceable } from '../postgres/changes/advanceSlot';
import { assertDroppable } from '../postgres/changes/dropSlot';
import { formatLsn } from '../base/lsn';
import { formatBytes } from '../base/quantity';
import { visibleText } from '../base/visibleText';
import {
  statementsOf,
  type AdvanceSlot,
  type ChangeKind,
  type CreateSlot,
  type DropSlot,
  type ServerChange,
} from '../postgres/changes/serverChange';
import { positionOf, readSlotPreview, type SlotPreview } from '../postgres/changes/slotPreview';
import {
  advanceQuestion,
  dropQuestion,
  lsnText,
  type SlotQuestion,
} from '../postgres/changes/slotQuestions';
import { slotMissing } from '../postgres/changes/slotState';
import { CliError, UsageError } from './cliError';
import type { ExitStatus } from './command';
import { print } from './printText';
import { confirm, type SlotContext } from './slotSession';

export async function createSlot(context: SlotContext): Promise<ExitStatus> {
  const { args, gate, session, options } = context;
  refuseEarly(context, 'create-slot');
  const change = createdSlot(context);
  announce(context, change);
  if (change.temporary !== true) {
    const { slot } = await gate.change(session, change, options);
    await say(
      context,
      `Created the slot "${change.slot}" at ${lsnText(slot === undefined ? undefined : positionOf(slot))}. It keeps WAL until someone reads it or drops it.`,
    );
    return 0;
  }
  const held = await gate.createHeldSlot(session, change, options);
  try {
    const lost = new Promise<string | undefined>(resolve => {
      held.onEnd(end => {
        resolve(end.message);
      });
      context.terminal.interrupted.addEventListener('abort', () => {
        resolve(undefined);
      });
      if (context.terminal.interrupted.aborted) resolve(undefined);
    });
    await say(context, `Created the temporary slot "${change.slot}". It is there until Ctrl-C.`);
    const message = await lost;
    if (message === undefined) return 0;
    throw new CliError(
      `The slot "${change.slot}" is gone, because its connection ended: ${message}`,
    );
  } finally {
    await held.release();
  }

  function createdSlot({ slot }: SlotContext): CreateSlot {
    const base = {
      kind: 'create-slot',
      slot,
      temporary: args.flag('temporary'),
      override: args.flag('force'),
    } as const;
    if (!args.flag('physical')) {
      return {
        ...base,
        type: 'logical',
        plugin: args.text('plugin') ?? 'pgoutput',
        twoPhase: args.flag('two-phase'),
        failover: args.flag('failover'),
      };
    }
    for (const option of ['plugin', 'two-phase', 'failover']) {
      if (args.has(option)) throw new UsageError(`a physical slot takes no --${option}`);
    }
    return { ...base, type: 'physical' };
  }
}

export async function copySlot(context: SlotContext): Promise<ExitStatus> {
  const { args, gate, session, options } = context;
  refuseEarly(context, 'copy-slot');
  const { slot: source } = await previewOf(context);
  const plugin = args.text('plugin');
  if (source.type === 'physical' && plugin !== undefined) {
    throw new UsageError('a physical slot takes no --plugin');
  }
  const [, , copy = ''] = args.positionals;
  const change: ServerChange = {
    kind: 'copy-slot',
    type: source.type,
    source: source.name,
    slot: copy,
    override: args.flag('force'),
    ...(plugin === undefined ? {} : { plugin }),
  };
  announce(context, change);
  const { slot } = await gate.change(session, change, options);
  const lost = [
    ...(source.twoPhase ? ['two-phase'] : []),
    ...(source.failover ? ['failover'] : []),
  ];
  await say(
    context,
    `Copied the slot "${source.name}" to "${copy}" at ${lsnText(slot === undefined ? undefined : positionOf(slot))}. It keeps WAL until someone reads it or drops it.${lost.length === 0 ? '' : ` It is not ${lost.join(' and ')}, as its source is.`}`,
  );
  return 0;
}

export async function advanceSlot(context: SlotContext): Promise<ExitStatus> {
  const { args, gate, session, slot, options } = context;
  refuseEarly(context, 'advance-slot');
  const preview = await previewOf(context);
  const to = args.lsn('to') ?? preview.currentLsn;
  const change: AdvanceSlot = {
    kind: 'advance-slot',
    slot,
    to,
    expected: preview.identity,
  };
  assertAdvanceable(preview.slot, preview.currentLsn, change);
  await ask(context, change, advanceQuestion(preview, to, profileName(context), Date.now()));
  const from = positionOf(preview.identity);
  const { reached } = await gate.change(session, change, options);
  const skipped = from === undefined || reached === undefined ? 0n : reached - from;
  const short = reached !== undefined && reached < to ? ` of the ${formatLsn(to)} asked for` : '';
  await say(
    context,
    `Advanced the slot "${slot}" from ${lsnText(from)} to ${lsnText(reached)}${short}: ${formatBytes(Number(skipped))} of WAL skipped.`,
  );
  return 0;
}

export async function dropSlot(context: SlotContext): Promise<ExitStatus> {
  const { args, gate, session, slot } = context;
  refuseEarly(context, 'drop-slot');
  const preview = await previewOf(context);
  const change: DropSlot = {
    kind: 'drop-slot',
    slot,
    expected: preview.identity,
    override: args.flag('force'),
  };
  assertDroppable(preview, change);
  await ask(context, change, dropQuestion(preview, profileName(context), Date.now()));
  await gate.change(session, change);
  await say(context, `Dropped the slot "${slot}".`);
  return 0;
}

/** Nobody is asked about what would be refused in any case. */
function refuseEarly({ gate, slot }: SlotContext, kind: ChangeKind): void {
  const refusal = gate.refusalOf({ kind, name: slot });
  if (refusal !== undefined) throw refusal;
}

async function previewOf({ session, slot }: SlotContext): Promise<SlotPreview> {
  const preview = await readSlotPreview(session, slot);
  if (preview === undefined) throw slotMissing(slot);
  return preview;
}

function ask(
  context: SlotContext,
  change: ServerChange,
  { message, lines, action }: SlotQuestion,
): Promise<void> {
  return confirm(
    context,
    [message, ...lines, ...statementsOf(change).map(statement => `SQL: ${statement};`)],
    `${action}?`,
  );
}

/** The SQL of a change that needs no answer. */
function announce({ terminal }: SlotContext, change: ServerChange): void {
  for (const statement of statementsOf(change)) {
    terminal.stderr.write(`${visibleText(`SQL: ${statement};`)}\n`);
  }
}

function say({ terminal }: SlotContext, text: string): Promise<void> {
  return print(terminal.stdout, `${visibleText(text)}\n`);
}

function profileName({ session }: SlotContext): string {
  const { host, port } = session.target;
  return `${host}:${String(port)}`;
}
