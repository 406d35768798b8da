import type { CaptureNote, MarkNote } from '../shared/captureNote';
import type { Mark } from '../shared/marks';
import type { Who } from '../shared/who';
import { CaptureError } from './captureError';
import { WalLag } from './walLag';
import { WhoIndex } from './whoIndex';

/** Payload of an N block. */
export function encodeNotes(notes: readonly CaptureNote[]): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(notes));
}

/** What the payload of an N block says; notes of a kind that is not known are left out. */
export function decodeNotes(payload: Uint8Array): readonly CaptureNote[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(payload));
  } catch (cause) {
    throw new CaptureError('corrupt', 'The notes of this capture are damaged.', { cause });
  }
  return Array.isArray(value) ? value.filter(isNote) : [];
}

/** The notes of a capture as far as they were read. */
export class CaptureNotes {
  /** How far the server was ahead. */
  readonly walLag = new WalLag();
  readonly #who = new WhoIndex();
  readonly #marks = new Map<number, MarkNote>();
  #marksRevision = 0;
  #fresh: number[] = [];

  take(notes: readonly CaptureNote[]): void {
    for (const note of notes) {
      if (note.kind === 'mark') {
        this.#marks.set(note.id, note);
        this.#marksRevision++;
      } else if (note.kind === 'who') {
        this.#who.add(note);
        this.#fresh.push(note.xid);
      } else if (note.kind === 'sampling') this.#who.sampling(note);
      else this.walLag.add(note);
    }
  }

  /** The oldest first. */
  get marks(): readonly Mark[] {
    return [...this.#marks.values()]
      .filter(({ removed }) => removed !== true)
      .map(({ id, name, from, to }) => ({ id, name, from, ...(to === undefined ? {} : { to }) }));
  }

  /** Rises with each change of a mark. */
  get marksRevision(): number {
    return this.#marksRevision;
  }

  /** Who wrote a transaction; undefined where nobody looked, or more than one may be meant. */
  who(transaction: Parameters<WhoIndex['find']>[0]): Who | undefined {
    return this.#who.find(transaction);
  }

  /** The transactions that something was noted of since the last call. */
  takeFresh(): readonly number[] {
    if (this.#fresh.length === 0) return this.#fresh;
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }
}

/** The checksum vouches for what a writer of ours wrote; another one may have written anything. */
function isNote(value: unknown): value is CaptureNote {
  if (!isObject(value)) return false;
  switch (value['kind']) {
    case 'who':
      return isXid(value['xid']) && isXid(value['pid']) && hasTexts(value, WHO_TEXTS);
    case 'sampling':
      return typeof value['on'] === 'boolean' && hasTexts(value, ['at']);
    case 'lag':
      return isXid(value['samples']) && value['samples'] !== 0 && hasTexts(value, LAG_TEXTS);
    case 'mark': {
      const { id, from, to } = value;
      return (
        isXid(id) && hasTexts(value, ['name']) && isPlace(from) && (to === undefined || isPlace(to))
      );
    }
    default:
      return false;
  }
}

const WHO_TEXTS = [
  'application',
  'user',
  'client',
  'backendStart',
  'query',
  'firstSeen',
  'seenAt',
  'prepared',
  'began',
];
const LAG_TEXTS = ['since', 'at', 'current', 'received'];

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const isXid = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
const isPlace = (value: unknown): boolean => isObject(value) && hasTexts(value, ['lsn', 'time']);
const hasTexts = (value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean =>
  keys.every(key => typeof value[key] === 'string');
