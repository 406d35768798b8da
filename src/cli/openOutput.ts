import { tmpdir } from 'node:os';
import { describeSystemError } from '../base/systemError';
import { SpillFolder } from '../capture/spillFile';
import { CaptureSink } from '../export/captureSink';
import { EventLimit } from '../export/eventLimit';
import { JsonlWriter } from '../export/jsonlWriter';
import { createFileTarget, streamTarget } from '../export/outputTarget';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import { CliError } from './cliError';
import type { OutputChoice } from './outputOptions';
import type { Terminal } from './terminal';

export interface OutputMode {
  /** The output is all that remains of what is read: sync it, and never cut a transaction. */
  readonly consume: boolean;
}

/** Opens what `--format` and `--out` ask for. A file is new; it is never written over. */
export async function openOutput(
  choice: OutputChoice,
  facts: StreamFacts,
  mode: OutputMode,
  terminal: Terminal,
): Promise<FrameSink> {
  if (choice.format === 'capture') {
    const file = choice.out ?? '';
    return CaptureSink.create({ path: file, facts, durable: mode.consume });
  }
  return openEvents(choice, mode, terminal, facts.source.plugin);
}

/** As {@link openOutput}, for the format jsonl. */
export async function openEvents(
  choice: OutputChoice,
  mode: OutputMode,
  terminal: Terminal,
  plugin: string,
): Promise<JsonlWriter> {
  const target =
    choice.out === undefined ? streamTarget(terminal.stdout) : await newFile(choice.out);
  return new JsonlWriter({
    target,
    targetName: choice.out ?? 'standard output',
    delivery: choice.delivery,
    plugin,
    // Streamed transactions wait here for their commit when memory has no room for them.
    spill: new SpillFolder(tmpdir()),
    durable: mode.consume && choice.out !== undefined,
    ...(choice.limit === undefined
      ? {}
      : { limit: new EventLimit(choice.limit, mode.consume ? 'transactions' : 'exact') }),
  });
}

async function newFile(file: string): ReturnType<typeof createFileTarget> {
  try {
    return await createFileTarget(file);
  } catch (error) {
    throw new CliError(
      `Cannot create ${file}: ${describeSystemError(error)}`,
      'Choose another place with --out.',
    );
  }
}
