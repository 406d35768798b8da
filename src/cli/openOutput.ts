import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SpillFolder } from '../capture/spillFile';
import { CaptureSink } from '../export/captureSink';
import { EventLimit } from '../export/eventLimit';
import { JsonlWriter } from '../export/jsonlWriter';
import { createFileTarget, streamTarget } from '../export/outputTarget';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import { CliError } from './cliError';
import type { OutputChoice } from './outputOptions';
import type { Terminal } from './terminal';

export interface OpenedOutput<S extends FrameSink = FrameSink> {
  readonly sink: S;
  /** Removes what was only needed while writing; after the sink is closed. */
  dispose(): Promise<void>;
}

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
): Promise<OpenedOutput> {
  if (choice.format === 'capture') {
    const file = choice.out ?? '';
    const sink = await CaptureSink.create({ path: file, facts, durable: mode.consume });
    return { sink, dispose: () => Promise.resolve() };
  }
  return openEvents(choice, mode, terminal, facts.source.plugin);
}

/** As {@link openOutput}, for the format jsonl. */
export async function openEvents(
  choice: OutputChoice,
  mode: OutputMode,
  terminal: Terminal,
  plugin: string,
): Promise<OpenedOutput<JsonlWriter>> {
  const target =
    choice.out === undefined ? streamTarget(terminal.stdout) : await newFile(choice.out);
  // Streamed transactions wait here for their commit when memory has no room for them.
  const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwal-'));
  const sink = new JsonlWriter({
    target,
    targetName: choice.out ?? 'standard output',
    delivery: choice.delivery,
    plugin,
    spill: new SpillFolder(folder),
    durable: mode.consume && choice.out !== undefined,
    ...(choice.limit === undefined
      ? {}
      : { limit: new EventLimit(choice.limit, mode.consume ? 'transactions' : 'exact') }),
  });
  return { sink, dispose: () => rm(folder, { recursive: true, force: true }) };
}

async function newFile(file: string): ReturnType<typeof createFileTarget> {
  try {
    return await createFileTarget(file);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot create ${file}: ${message}`);
  }
}
