import type { SessionRequest } from '../session/sessionRequest';
import { UsageError } from './cliError';
import type { Command } from './command';
import type { CommandArguments } from './commandArguments';
import type { Connection } from './connectionOptions';
import { CONNECTION_OPTIONS, resolveConnection } from './connectionOptions';
import { FILTER_OPTION } from './filterOption';
import { MASK_OPTION } from './maskOption';
import type { OutputChoice } from './outputOptions';
import {
  APPEND_OPTION,
  FORMAT_OPTION,
  LIMIT_OPTION,
  mostReceived,
  OUT_OPTION,
  outputChoice,
  refuseExistingOutput,
  RING_OPTIONS,
  TRANSACTIONS_OPTION,
} from './outputOptions';
import type { TailPlugin } from '../shared/session';
import { runStream } from './runStream';
import {
  BOUND_OPTIONS,
  COST_OPTIONS,
  PUBLICATION_OPTION,
  RECONNECT_OPTION,
  streamRules,
} from './streamOptions';
import { askedPlugin, pluginWithoutPublication } from './tailPlugin';

export const tailCommand: Command = {
  name: 'tail',
  summary: 'Follow publications, or a whole database, from now on.',
  usage: [
    '[--publication P]... [OPTION]...',
    '--plugin test_decoding [OPTION]...',
    '--slot S --consume [--publication P]... [--out FILE [--append]] [OPTION]...',
  ],
  positionals: [],
  description: [
    'Follows publications on a temporary slot of its own, which confirms what was written and ends with the command. Ctrl-C ends it.',
    'Without a publication, where the database has none, it follows all tables through test_decoding; --plugin test_decoding does that anywhere. That plugin tells neither the key of a table nor, of most updates, the old values, and a transaction comes as a whole at its commit.',
    'With --slot S --consume it reads that slot instead and confirms what it stored: the slot moves on for good, and its own consumer will not see these changes. With --out they are on the disk before they are confirmed.',
    'With --append as well, the same command goes on in the same file whenever it is started again, also after kill -9 or a power failure, and FILE holds each committed change once: what was not written whole is cut off and comes again.',
  ],
  options: [
    ...CONNECTION_OPTIONS,
    PUBLICATION_OPTION,
    {
      name: 'plugin',
      value: 'PLUGIN',
      help: 'pgoutput, which follows publications, or test_decoding, which follows all tables and needs none.',
    },
    { name: 'slot', value: 'S', help: 'Read this slot; needs --consume.' },
    { name: 'consume', help: 'Confirm what was stored, so that the slot moves on for good.' },
    FORMAT_OPTION,
    OUT_OPTION,
    ...RING_OPTIONS,
    APPEND_OPTION,
    TRANSACTIONS_OPTION,
    FILTER_OPTION,
    MASK_OPTION,
    {
      ...LIMIT_OPTION,
      help: `${LIMIT_OPTION.help} With --consume no transaction is cut: it ends after the one that reaches N.`,
    },
    ...BOUND_OPTIONS,
    RECONNECT_OPTION,
    {
      name: 'no-who',
      help: 'Do not look in pg_stat_activity, up to four times a second, who writes. Only a capture keeps it: with other formats nobody looks.',
    },
    ...COST_OPTIONS,
  ],
  async run(args, terminal) {
    const choice = outputChoice(args);
    const consume = args.flag('consume');
    if (consume !== args.has('slot')) {
      throw new UsageError(
        consume ? '--consume needs --slot S' : '--slot S needs --consume; pgwal peek only looks',
      );
    }
    if (choice.append === true && !consume) {
      throw new UsageError('--append needs --slot S --consume');
    }
    if (consume && choice.filter !== undefined) {
      throw new UsageError(
        '--filter cannot go with --consume: what it leaves out would be confirmed, and lost. Consume everything, and filter the file with pgwal convert or decode',
      );
    }
    if (consume && args.has('plugin')) {
      throw new UsageError('--plugin is that of the slot: leave it out with --consume');
    }
    const asked = consume ? 'pgoutput' : askedPlugin(args);
    refuseBinary(asked, args);
    const connection = await resolveConnection(args, terminal);
    if (choice.append !== true) await refuseExistingOutput(choice);
    const plugin = asked ?? (await pluginWithoutPublication(connection, terminal));
    refuseBinary(plugin, args);
    const request = tailRequest(args, connection, choice, plugin);
    return runStream('tail', request, choice, terminal);
  },
};

function refuseBinary(plugin: TailPlugin | undefined, args: CommandArguments): void {
  if (plugin !== 'test_decoding' || !args.flag('binary')) return;
  throw new UsageError('--binary is for pgoutput: test_decoding sends values as text only');
}

function tailRequest(
  args: CommandArguments,
  connection: Connection,
  choice: OutputChoice,
  plugin: TailPlugin,
): SessionRequest {
  const publications = args.texts('publication');
  const mostChanges = mostReceived(choice);
  const base = {
    ...connection,
    ...streamRules(args),
    ...(args.flag('no-who') ? { who: false } : {}),
    ...(mostChanges === undefined ? {} : { mostChanges }),
  };
  if (!args.flag('consume')) return { kind: 'tail', ...base, plugin, options: { publications } };
  return {
    kind: 'consume',
    ...base,
    ...(publications.length === 0 ? {} : { options: { publications } }),
    slot: args.required('slot'),
    // A capture keeps the messages as they came in any case.
    wholeTransactions: choice.delivery === 'assembled' && choice.format !== 'capture',
  };
}
