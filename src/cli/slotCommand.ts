import { UsageError } from './cliError';
import type { Command } from './command';
import type { CommandArguments } from './commandArguments';
import { CONNECTION_OPTIONS } from './connectionOptions';
import { advanceSlot, copySlot, createSlot, dropSlot } from './slotActions';
import { inSlotSession, type SlotAction } from './slotSession';
import { FORCE_OPTION } from './streamOptions';

interface ActionSpec {
  readonly action: SlotAction;
  /** Options that mean something here, besides those of the connection. */
  readonly options: readonly string[];
}

const ACTIONS: Readonly<Record<string, ActionSpec>> = {
  create: {
    action: createSlot,
    options: ['plugin', 'temporary', 'two-phase', 'failover', 'physical', 'force'],
  },
  advance: { action: advanceSlot, options: ['to', 'yes'] },
  drop: { action: dropSlot, options: ['yes', 'force'] },
  copy: { action: copySlot, options: ['plugin', 'force'] },
};

export const slotCommand: Command = {
  name: 'slot',
  summary: 'Create, advance, drop or copy a replication slot.',
  usage: [
    'create NAME [OPTION]...',
    'advance NAME [--to LSN] [OPTION]...',
    'drop NAME [OPTION]...',
    'copy NAME NEW [OPTION]...',
  ],
  positionals: ['create, advance, drop or copy', 'the name of a slot'],
  morePositionals: ['the name of the copy'],
  description: [
    'Changes a slot of the server, after saying what that means and which SQL does it. advance and drop ask on a terminal and need --yes elsewhere. The slot is looked at again right before the change: one that is in use, has moved or was replaced meanwhile is left alone.',
    'create makes a slot for the database that --url names. It waits for every transaction that runs now, and says for whom; Ctrl-C gives it up and leaves nothing behind. advance moves a slot without giving its changes to anybody; it may take long, and Ctrl-C leaves the slot where it stood. copy makes a new slot where NAME stands, without its two-phase and failover.',
  ],
  options: [
    ...CONNECTION_OPTIONS,
    {
      name: 'plugin',
      value: 'P',
      help: 'create: the output plugin, by default pgoutput. copy: another one than the source has.',
    },
    {
      name: 'temporary',
      help: 'create: a slot for trying out. It is there until this command ends: it stays until Ctrl-C.',
    },
    { name: 'two-phase', help: 'create: decode at PREPARE TRANSACTION.' },
    { name: 'failover', help: 'create: synchronise it to standbys (17 and newer).' },
    { name: 'physical', help: 'create: a physical slot, for a standby. It has no plugin.' },
    {
      name: 'to',
      value: 'LSN',
      help: "advance: the position to move to, by default where the server's WAL ends now.",
    },
    { name: 'yes', help: 'advance and drop: do it without a question.' },
    FORCE_OPTION,
  ],
  async run(args, terminal) {
    const [name = ''] = args.positionals;
    const spec = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (spec === undefined) {
      throw new UsageError(`slot takes create, advance, drop or copy, not ${JSON.stringify(name)}`);
    }
    checkArguments(name, spec, args);
    return inSlotSession(args, terminal, spec.action);
  },
};

function checkArguments(name: string, spec: ActionSpec, args: CommandArguments): void {
  const [, , copy] = args.positionals;
  if (name === 'copy' && copy === undefined)
    throw new UsageError('the name of the copy is missing');
  if (name !== 'copy' && copy !== undefined) {
    throw new UsageError(`unexpected argument ${JSON.stringify(copy)}`);
  }
  const everywhere = CONNECTION_OPTIONS.map(option => option.name);
  for (const option of slotCommand.options) {
    if (everywhere.includes(option.name) || spec.options.includes(option.name)) continue;
    if (args.has(option.name)) throw new UsageError(`slot ${name} takes no --${option.name}`);
  }
}
