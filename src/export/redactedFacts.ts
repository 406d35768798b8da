import type { CaptureFile } from '../capture/captureFile';
import type { CaptureMeta } from '../capture/captureMeta';
import type { CapturedMessage } from '../capture/capturedMessage';
import { gapFrame } from '../capture/frame';
import type { CaptureNote } from '../shared/captureNote';
import type { StreamFacts } from '../shared/frameSink';

/** What a copy of a capture says of its origin; with `hidesSource` without the names of servers and slots. */
export function copiedFacts(
  { source, systemIdentifier = '', pluginOptions }: CaptureMeta,
  hidesSource: boolean,
): StreamFacts {
  const facts = { source, systemIdentifier, pluginOptions, serverVersionNum: 0 };
  if (!hidesSource) return facts;
  const options = Object.entries(pluginOptions).filter(([name]) => name !== 'publication_names');
  return {
    ...facts,
    source: {
      ...source,
      title: 'Redacted capture',
      server: '',
      database: '',
      slot: '',
      publications: [],
    },
    systemIdentifier: '',
    pluginOptions: Object.fromEntries(options),
  };
}

/** The frame of a message without names of servers: the reason of a gap may hold one. */
export function framesWithoutSource({ frame, gap }: CapturedMessage): readonly Uint8Array[] {
  return [gap === undefined ? frame : gapFrame({ ...gap, reason: 'not told' })];
}

/** The marks of a capture, for a copy; what was seen of who wrote stays with the capture that saw it. */
export async function markNotes(file: CaptureFile): Promise<readonly CaptureNote[]> {
  while (await file.readNotes());
  return file.notes.marks.map(mark => ({ kind: 'mark', ...mark }));
}
