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

export function streamBounds(args: CommandArguments): StreamBounds {
  const untilLsn = args.lsn('until-lsn');
  const idleSeconds = args.seconds('idle');
  return {
    ...(untilLsn === undefined ? {} : { untilLsn }),
    ...(idleSeconds === undefined ? {} : { idleSeconds }),
  };
}
