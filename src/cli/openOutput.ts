import { describeSystemError } from '../base/systemError';
import { syncFolder } from '../capture/appendFile';
import { CaptureRing } from '../export/captureRing';
import { CaptureSink } from '../export/captureSink';
import { FilteredCapture } from '../export/filteredCapture';
import { MaskedSink } from '../export/maskedSink';
import { JsonlWriter } from '../export/jsonlWriter';
import { createFileTarget, streamTarget } from '../export/outputTarget';
import type { FilterExpression } from '../filter/filterExpression';
import type { FilterProblem } from '../shared/filterApi';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import { CliError } from './cliError';
import type { OutputMode } from './eventOptions';
import { eventOptions } from './eventOptions';
import { filterHint } from './filterOption';
import { openAppended } from './openAppended';
import type { OutputChoice } from './outputOptions';
import type { Terminal } from './terminal';

/** Takes lines for the user: the first one says whose they are. */
type Say = (first: string, ...below: readonly string[]) => void;

/**
 * As {@link openUnmasked}; the values that `--mask` names never reach what it opens.
 */
export async function openOutput(...parts: Parameters<typeof openUnmasked>): Promise<FrameSink> {
  const [{ mask }, facts] = parts;
  const sink = await openUnmasked(...parts);
  return mask.isEmpty ? sink : new MaskedSink(sink, mask, facts.source.plugin);
}

/**
 * Opens what `--format`, `--out` and `--append` ask for. Without `--append` a file is new: it is never
 * written over. `say` is given a line about a file that is continued.
 */
async function openUnmasked(
  choice: OutputChoice,
  facts: StreamFacts,
  mode: OutputMode,
  terminal: Terminal,
  say: Say,
): Promise<FrameSink> {
  const { out } = choice;
  if (out !== undefined && choice.append === true) {
    return openAppended({ ...choice, out }, facts, say);
  }
  if (choice.format === 'capture') {
    const redacted = choice.mask.patterns;
    const options = { path: out ?? '', facts, durable: mode.consume, redacted };
    const { maxSize, keep, filter, limit } = choice;
    const output =
      maxSize === undefined
        ? await CaptureSink.create(options)
        : await CaptureRing.create({
            ...options,
            maxSize,
            ...(keep === undefined ? {} : { keep }),
          });
    if (filter === undefined) return output;
    const most = limit === undefined ? {} : { limit };
    const onFilterHint = hintFor(filter, say);
    return FilteredCapture.create({
      ...options,
      output,
      filter: filter.text,
      onFilterHint,
      ...most,
    });
  }
  return openEvents(choice, mode, terminal, facts.source.plugin, say);
}

/** As {@link openOutput}, for the format jsonl; without `say` nobody is told what a filter asks in vain. */
export async function openEvents(
  choice: OutputChoice,
  mode: OutputMode,
  terminal: Terminal,
  plugin: string,
  say?: Say,
): Promise<JsonlWriter> {
  const { out } = choice;
  const durable = mode.consume && out !== undefined;
  const target = out === undefined ? streamTarget(terminal.stdout) : await newFile(out);
  if (durable) await syncFolder(out);
  const { filter } = choice;
  return new JsonlWriter({
    ...eventOptions(choice, mode, plugin),
    ...(filter === undefined || say === undefined ? {} : { onFilterHint: hintFor(filter, say) }),
    target,
    durable,
  });
}

function hintFor({ text }: FilterExpression, say: Say): (hint: FilterProblem) => void {
  return hint => {
    say(...filterHint(text, hint));
  };
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
