import { BLOCK, FILE_HEAD_SIZE } from './blockFormat';
import { BlockScanner } from './blockScanner';
import { CaptureError } from './captureError';
import type { CaptureMeta } from './captureMeta';
import type { OpenFile } from './fileAccess';

/** The M block that every capture begins with; without it nothing can be read. */
export async function readFirstMeta(file: OpenFile, size: number): Promise<CaptureMeta> {
  const block = await new BlockScanner(file, FILE_HEAD_SIZE, size).next();
  if (block?.header.type !== BLOCK.meta) {
    throw new CaptureError('corrupt', 'This capture is damaged at its beginning.');
  }
  return parseMeta(block.payload);
}

/** What the payload of an M block says. */
export function parseMeta(payload: Uint8Array): CaptureMeta {
  try {
    // The checksum vouches for the shape: we wrote it.
    return JSON.parse(new TextDecoder().decode(payload)) as CaptureMeta;
  } catch (cause) {
    throw new CaptureError('corrupt', 'What this capture says of its source is damaged.', {
      cause,
    });
  }
}
