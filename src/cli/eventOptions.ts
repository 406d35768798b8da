import { tmpdir } from 'node:os';
import { SpillFolder } from '../capture/spillFile';
import { EventLimit } from '../export/eventLimit';
import type { JsonlOptions } from '../export/jsonlWriter';
import type { OutputChoice } from './outputOptions';

export interface OutputMode {
  /** The output is all that remains of what is read: sync it, and never cut a transaction. */
  readonly consume: boolean;
}

/** What is the same for every place. */
export function eventOptions(
  choice: OutputChoice,
  mode: OutputMode,
  plugin: string,
): Omit<JsonlOptions, 'target' | 'durable'> {
  return {
    targetName: choice.out ?? 'standard output',
    delivery: choice.delivery,
    plugin,
    ...(choice.types === undefined ? {} : { types: choice.types }),
    ...(choice.filter === undefined ? {} : { filter: choice.filter }),
    mask: choice.mask,
    // Streamed transactions wait here for their commit when memory has no room for them.
    spill: new SpillFolder(tmpdir()),
    ...(choice.limit === undefined
      ? {}
      : { limit: new EventLimit(choice.limit, mode.consume ? 'transactions' : 'exact') }),
  };
}
