/**
 * Reads a capture as somebody would who knows docs/capture-format.md and nothing else: not one line of it
 * comes from src/capture. Tests compare what it finds with what the program finds.
 */
export interface IndependentFrame {
  /** Offset of the frame in the file, after its length. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface IndependentBlock {
  readonly type: string;
  /** Offset of the payload. */
  readonly offset: number;
  readonly payload: Buffer;
}

/** The blocks up to the end or to the first one that is not whole. */
export function independentBlocks(file: Buffer): IndependentBlock[] {
  if (file.toString('latin1', 0, 8) !== 'PGWALCAP' || file.readUInt32LE(8) !== 1) {
    throw new Error('not a capture of format 1');
  }
  const blocks: IndependentBlock[] = [];
  for (let at = 16; at + 24 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    const end = at + 24 + length;
    if (file.toString('latin1', at, at + 4) !== 'WBLK' || end > file.length) break;
    const payload = file.subarray(at + 24, end);
    const summed = [file.subarray(at + 4, at + 12), file.subarray(at + 16, at + 24), payload];
    if (checksum(summed) !== file.readUInt32LE(at + 12)) break;
    blocks.push({ type: String.fromCharCode(file[at + 4] ?? 0), offset: at + 24, payload });
    at = end;
  }
  return blocks;
}

/** All frames, of both sides, in the order in which they came. */
export function independentFrames(file: Buffer): IndependentFrame[] {
  const frames: IndependentFrame[] = [];
  for (const { type, offset, payload } of independentBlocks(file)) {
    if (type !== 'D') continue;
    for (let at = 0; at < payload.length;) {
      const length = payload.readUInt32LE(at);
      frames.push({ offset: offset + at + 4, bytes: payload.subarray(at + 4, at + 4 + length) });
      at += 4 + length;
    }
  }
  return frames;
}

/** Whether a frame is a message, which has a number. */
export function isNumbered({ bytes }: IndependentFrame): boolean {
  return !'krcC'.includes(String.fromCharCode(bytes[0] ?? 0)) || bytes.length === 0;
}

/** The columns of the index by number of the message: I blocks, of which later ones replace earlier ones. */
export function independentIndex(file: Buffer): Map<number, { offset: number; length: number }> {
  const rows = new Map<number, { offset: number; length: number }>();
  for (const { type, payload } of independentBlocks(file)) {
    if (type !== 'I') continue;
    const first = payload.readUInt32LE(0) * 65_536;
    const count = payload.readUInt32LE(4);
    for (let i = 0; i < count; i++) {
      const offset = payload.readDoubleLE(40 + 8 * count + 8 * i);
      rows.set(first + i, { offset, length: payload.readUInt32LE(40 + 16 * count + 4 * i) });
    }
  }
  return rows;
}

const CRC_OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f6_3b78);
  return crc;
});

/** CRC-32C (Castagnoli) of these pieces, one after the other. */
function checksum(pieces: readonly Uint8Array[]): number {
  let crc = 0xffff_ffff;
  for (const piece of pieces) {
    for (const byte of piece) crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ byte) & 0xff] ?? 0);
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
