import { PRODUCT } from '../base/product';
import { formatCount } from '../base/quantity';
import type { OutputTarget } from '../export/outputTarget';
import { createFileTarget, ReaderGone, streamTarget } from '../export/outputTarget';
import { RowOutput } from '../export/rowOutput';
import { TextOutput } from '../export/textOutput';
import type { TextPlugin } from '../shared/textPlugin';
import type { FindType } from '../logical/types/binary/binaryText';
import { TypeTable } from '../logical/types/typeTable';
import { UsageError } from './cliError';
import type { Command, ExitStatus } from './command';
import { decodeRawFile } from './decode';
import { MASK_OPTION } from './maskOption';
import type { OutputChoice } from './outputOptions';
import {
  FORMAT_OPTION,
  OUT_OPTION,
  outputChoice,
  refuseExisting,
  TRANSACTIONS_OPTION,
} from './outputOptions';
import { FILTER_OPTION, filterHint } from './filterOption';
import { isCapture, writeCapture } from './readCapture';
import type { Terminal } from './terminal';
import { readTypesFile, TYPES_OPTION } from './typesFile';

export const decodeCommand: Command = {
  name: 'decode',
  summary: 'Turn raw messages or a capture into events.',
  usage: ['[--plugin P] [--types FILE] [--transactions T] [--filter EXPR] [OPTION]... FILE'],
  positionals: ['FILE'],
  description: [
    'FILE is a capture, or holds raw messages: a JSON object a line with lsn, xid and data in hexadecimal, as the rows of pg_logical_slot_peek_binary_changes; of a plugin that writes text, data may be that text. - reads them from standard input.',
    'A line that cannot be read is named on stderr, the first 20 of them, and the rest goes on; the status is 1 then.',
  ],
  options: [
    {
      name: 'plugin',
      value: 'P',
      help: 'The output plugin that made the messages: pgoutput (the default), test_decoding or wal2json (format versions 1 and 2).',
    },
    TYPES_OPTION,
    TRANSACTIONS_OPTION,
    FILTER_OPTION,
    MASK_OPTION,
    FORMAT_OPTION,
    OUT_OPTION,
  ],
  async run(args, terminal) {
    const file = args.positionals[0] ?? '';
    const choice = outputChoice(args);
    const plugin = args.choice(
      'plugin',
      ['pgoutput', 'test_decoding', 'wal2json'] as const,
      'pgoutput',
    );
    await refuseExisting(choice.out);
    const types = args.text('types');
    const known = types === undefined ? [] : await readTypesFile(types);
    if (file !== '-' && (await isCapture(file))) {
      return writeCapture('decode', file, { ...choice, types: known }, terminal);
    }
    if (choice.format !== 'jsonl') {
      throw new UsageError('raw messages become --format jsonl only');
    }
    return decodeRaw(file, plugin, new TypeTable(known).find, choice, terminal);
  },
};

/** Bad lines that are named: what the first ones say, the others say too. */
const COMPLAINTS = 20;

async function decodeRaw(
  file: string,
  plugin: 'pgoutput' | TextPlugin,
  findType: FindType,
  choice: OutputChoice,
  terminal: Terminal,
): Promise<ExitStatus> {
  const target: OutputTarget =
    choice.out === undefined ? streamTarget(terminal.stdout) : await createFileTarget(choice.out);
  const output = new TextOutput(target, { durable: false });
  const rows = new RowOutput(output);
  let failed: Error | undefined;
  let complaints = 0;
  const tell = (text: string): void => {
    terminal.stderr.write(`${PRODUCT.command} decode: ${text}\n`);
  };
  output.onError(error => {
    failed = error;
  });
  try {
    const totals = await decodeRawFile({
      path: file,
      plugin,
      delivery: choice.delivery,
      mask: choice.mask,
      ...(choice.filter === undefined ? {} : { filter: choice.filter }),
      findType,
      write: line => {
        if (terminal.interrupted.aborted) throw new Interrupted();
        if (failed !== undefined) throw failed;
        output.write(`${line}\n`);
        return output.full ? output.drained() : undefined;
      },
      // What is full or over is told by the way of events, which can make decoding wait.
      rows: (payload, place, relation) =>
        !output.full &&
        !terminal.interrupted.aborted &&
        failed === undefined &&
        rows.write(payload, place, relation),
      onError: text => {
        if (++complaints <= COMPLAINTS) tell(text);
      },
    });
    if (complaints > COMPLAINTS) {
      const more = formatCount(complaints - COMPLAINTS);
      tell(`${file}: ${more} more lines or messages could not be read`);
    }
    const { filterHint: hint } = totals;
    if (choice.filter !== undefined && hint !== undefined) {
      tell(filterHint(choice.filter.text, hint).join('\n'));
    }
    await output.close();
    return totals.errors === 0 ? 0 : 1;
  } catch (error) {
    await output.close().catch(() => undefined);
    if (error instanceof ReaderGone || error instanceof Interrupted) return 0;
    throw error;
  }
}

class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
