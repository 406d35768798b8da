import type { Random } from './random';

/** Bytes with one to four damages: changed, cut, grown, counts and lengths made huge, pieces moved. */
export function damaged(random: Random, bytes: Uint8Array): Uint8Array {
  // Not slice: that of a Buffer is a view.
  let result: Uint8Array = new Uint8Array(bytes);
  for (let times = 1 + random.below(4); times > 0; times--) result = damageOnce(random, result);
  return result;
}

function damageOnce(random: Random, bytes: Uint8Array): Uint8Array {
  const length = bytes.length;
  if (length === 0) return Uint8Array.of(random.below(256));
  const at = random.below(length);
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 3:
      // Lengths and counts stand near the front as often as anywhere.
      bytes.fill(random.of([0xff, 0x7f, 0x80, 0]), random.chance(2) ? at : at % 16, at + 4);
      return bytes;
    case 4:
      return Uint8Array.of(...bytes.subarray(0, 200), random.below(256), random.below(256));
    case 5: {
      const to = at + random.below(Math.min(64, length - at) + 1);
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(to)]);
    }
    case 6: {
      const piece = bytes.slice(at, at + 1 + random.below(16));
      const target = random.below(length);
      bytes.set(piece.subarray(0, length - target), target);
      return bytes;
    }
    default: {
      const piece = bytes.subarray(at, at + 1 + random.below(24));
      return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)]);
    }
  }
}

/** A list of messages with one to six damages: of a message's bytes, or dropped, doubled, swapped. */
export function damagedList(random: Random, messages: readonly Uint8Array[]): Uint8Array[] {
  const result = [...messages];
  for (let times = 1 + random.below(6); times > 0 && result.length > 0; times--) {
    const at = random.below(result.length);
    const here = result[at] ?? new Uint8Array();
    switch (random.below(6)) {
      case 0:
        result.splice(at, 1);
        break;
      case 1:
        result.splice(at, 0, here);
        break;
      case 2: {
        const other = random.below(result.length);
        result[at] = result[other] ?? here;
        result[other] = here;
        break;
      }
      default:
        result[at] = damaged(random, here);
    }
  }
  return result;
}

/**
 * The same bytes as a view with two different neighbourhoods: who reads past the end of a message gives
 * two different answers.
 */
export function withNeighbours(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const place = (fill: number): Uint8Array => {
    const room = new Uint8Array(bytes.length + 2 * MARGIN).fill(fill);
    room.set(bytes, MARGIN);
    return room.subarray(MARGIN, MARGIN + bytes.length);
  };
  return [place(0x00), place(0x74)];
}

const MARGIN = 64;
