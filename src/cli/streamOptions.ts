import type { StreamBounds } from '../session/sessionRequest';
import type { OptionSpec } from './command';
import type { CommandArguments } from './commandArguments';

export const RETAINED_OPTION: OptionSpec = {
  name: 'retain',
  value: 'SIZE',
  help: 'End when the server keeps more WAL than this because of us. Default 1GB, or a quarter of max_slot_wal_keep_size.',
};

export const FORCE_OPTION: OptionSpec = {
  name: 'force',
  help: 'Go on where it would take one of the last two free slots or senders, or switch on logical decoding for the whole server (19 and newer).',
};

export const NO_STREAMING_OPTION: OptionSpec = {
  name: 'no-streaming',
  help: 'Have the server send large transactions at their commit only, as a plain consumer does. It spills them to its disk until then. For messages whose subtransaction must be known, and where the server fails to decode a transaction before its end.',
};

/** What the request has of {@link NO_STREAMING_OPTION}. */
export function streamingChoice(args: CommandArguments): { readonly streaming?: false } {
  return args.flag('no-streaming') ? { streaming: false } : {};
}

export function streamBounds(args: CommandArguments): StreamBounds {
  const untilLsn = args.lsn('until-lsn');
  const idleSeconds = args.seconds('idle');
  return {
    ...(untilLsn === undefined ? {} : { untilLsn }),
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
  };
}
