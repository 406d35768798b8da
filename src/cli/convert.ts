import type { Command } from './command';
import { FILTER_OPTION } from './filterOption';
import { MASK_OPTION, REDACT_OPTION } from './maskOption';
import {
  FORMAT_OPTION,
  OUT_OPTION,
  outputChoice,
  refuseExisting,
  TRANSACTIONS_OPTION,
} from './outputOptions';
import { writeCapture } from './readCapture';
import { readTypesFile, TYPES_OPTION } from './typesFile';

export const convertCommand: Command = {
  name: 'convert',
  summary: 'Write a capture in another format.',
  usage: ['CAPTURE [--format F] [--out FILE] [--filter EXPR] [OPTION]...'],
  positionals: ['CAPTURE'],
  description: [
    'Reads a capture file and writes its messages in another format. Of a damaged capture it writes what is readable, says what is not, and ends with status 1.',
  ],
  options: [
    FORMAT_OPTION,
    OUT_OPTION,
    TRANSACTIONS_OPTION,
    FILTER_OPTION,
    MASK_OPTION,
    REDACT_OPTION,
    TYPES_OPTION,
  ],
  async run(args, terminal) {
    const choice = outputChoice(args);
    await refuseExisting(choice.out);
    const file = args.text('types');
    const types = file === undefined ? [] : await readTypesFile(file);
    return writeCapture('convert', args.positionals[0] ?? '', { ...choice, types }, terminal);
  },
};
