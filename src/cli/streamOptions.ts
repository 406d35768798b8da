import type { StreamBounds } from '../session/sessionRequest';
import { DEFAULT_RETAINED_BUDGET } from '../shared/session';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';

export const PUBLICATION_OPTION: OptionSpec = {
  name: 'publication',
  value: 'P',
  multiple: true,
  help: 'The name of a publication, as it is: no quotes, no commas between names. May be repeated.',
};

/** Where a stream ends by itself. */
export const BOUND_OPTIONS: readonly OptionSpec[] = [
  {
    name: 'until-lsn',
    value: 'L',
    help: 'End when everything that was committed before this position has come.',
  },
  { name: 'idle', value: 'SECONDS', help: 'End when no change came for so long.' },
];

/** Of streams that come back after a cut; a peek is begun again. */
export const RECONNECT_OPTION: OptionSpec = {
  name: 'no-reconnect',
  help: 'End with status 1 when the connection is lost. By default the stream is taken up again, however long that takes: a slot goes on where it was, a tail tells the gap.',
};

const RETAINED_OPTION: OptionSpec = {
  name: 'retain',
  value: 'SIZE',
  help: 'End when the server keeps more WAL than this because of us. Default 1GB, or a quarter of max_slot_wal_keep_size.',
};

export const FORCE_OPTION: OptionSpec = {
  name: 'force',
  help: 'Go on where it would take one of the last two free slots or senders, switch on logical decoding for the whole server (19 and newer), or could crash a server of 18.0 to 18.6 through test_decoding; such a stream is not taken up again.',
};

const NO_STREAMING_OPTION: OptionSpec = {
  name: 'no-streaming',
  help: 'Have the server send large transactions at their commit only, as a plain consumer does. It spills them to its disk until then. For messages whose subtransaction must be known, and where the server fails to decode a transaction before its end.',
};

const BINARY_OPTION: OptionSpec = {
  name: 'binary',
  help: 'Have pgoutput send values in binary form, which costs the server less. They are written as the text that Postgres prints for them; the few types whose form is not known in base64.',
};

/** What we may cost the server. */
export const COST_OPTIONS: readonly OptionSpec[] = [
  BINARY_OPTION,
  NO_STREAMING_OPTION,
  RETAINED_OPTION,
  FORCE_OPTION,
];

/** What every request has of {@link BOUND_OPTIONS} and {@link COST_OPTIONS}. */
export function streamRules(args: CommandArguments): StreamBounds & {
  readonly streaming?: false;
  readonly binary?: true;
  readonly reconnect?: false;
  readonly retainedBudget: number;
  readonly force: boolean;
} {
  const untilLsn = args.lsn('until-lsn');
  const idleSeconds = args.seconds('idle');
  return {
    ...(untilLsn === undefined ? {} : { untilLsn }),
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
    ...(args.flag('no-streaming') ? { streaming: false } : {}),
    ...(args.flag('binary') ? { binary: true } : {}),
    ...(args.flag('no-reconnect') ? { reconnect: false } : {}),
    retainedBudget: args.size('retain') ?? DEFAULT_RETAINED_BUDGET,
    force: args.flag('force'),
  };
}
