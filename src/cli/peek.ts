import { formatLsn } from '../base/lsn';
import type { PeekRequest } from '../session/sessionRequest';
import type { Command } from './command';
import type { CommandArguments } from './commandArguments';
import type { Connection } from './connectionOptions';
import { CONNECTION_OPTIONS, resolveConnection } from './connectionOptions';
import { FILTER_OPTION } from './filterOption';
import { MASK_OPTION } from './maskOption';
import type { OutputChoice } from './outputOptions';
import {
  FORMAT_OPTION,
  LIMIT_OPTION,
  mostReceived,
  OUT_OPTION,
  outputChoice,
  refuseExistingOutput,
  RING_OPTIONS,
  TRANSACTIONS_OPTION,
} from './outputOptions';
import { runStream } from './runStream';
import { BOUND_OPTIONS, COST_OPTIONS, PUBLICATION_OPTION, streamRules } from './streamOptions';

export const peekCommand: Command = {
  name: 'peek',
  summary: 'Show what a slot holds back, and leave it as it is.',
  usage: ['--slot S [--publication P]... [OPTION]...'],
  positionals: [],
  description: [
    'Reads a temporary copy of the slot, also while its consumer is active; the slot itself does not move. Ends at the position that the server had when it began.',
    'Without --publication it takes the options of the active consumer where they can be seen, else the only publication of the database.',
  ],
  options: [
    ...CONNECTION_OPTIONS,
    { name: 'slot', value: 'S', help: 'The logical slot to look at, in whatever database it is.' },
    PUBLICATION_OPTION,
    FORMAT_OPTION,
    OUT_OPTION,
    ...RING_OPTIONS,
    TRANSACTIONS_OPTION,
    FILTER_OPTION,
    MASK_OPTION,
    LIMIT_OPTION,
    { name: 'start-after', value: 'LSN', help: 'Begin after this position, the end of a commit.' },
    ...BOUND_OPTIONS,
    {
      name: 'method',
      value: 'M',
      help: 'copy (the default): through a temporary copy. sql: through pg_logical_slot_peek_binary_changes, where a copy is refused: the server decodes all of it before the first row, and no consumer can connect meanwhile.',
    },
    ...COST_OPTIONS,
  ],
  async run(args, terminal) {
    const choice = outputChoice(args);
    args.required('slot');
    const method = args.choice('method', ['copy', 'sql'] as const, 'copy');
    const connection = await resolveConnection(args, terminal);
    await refuseExistingOutput(choice);
    const request = peekRequest(args, connection, choice, method);
    return runStream('peek', request, choice, terminal);
  },
};

function peekRequest(
  args: CommandArguments,
  connection: Connection,
  choice: OutputChoice,
  method: 'copy' | 'sql',
): PeekRequest {
  const publications = args.texts('publication');
  const startAfter = args.lsn('start-after');
  return {
    kind: 'peek',
    ...connection,
    ...streamRules(args),
    slot: args.required('slot'),
    ...(publications.length === 0 ? {} : { options: { publications } }),
    budget: {
      events: mostReceived(choice) ?? Number.MAX_SAFE_INTEGER,
      bytes: Number.MAX_SAFE_INTEGER,
      seconds: Number.MAX_SAFE_INTEGER,
    },
    ...(startAfter === undefined ? {} : { startAfter: formatLsn(startAfter) }),
    method,
  };
}
