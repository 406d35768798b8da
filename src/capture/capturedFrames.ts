import type { MaskedColumns } from '../logical/maskedMessage';
import type { ColumnMask } from '../shared/columnMask';
import { maskOf, NO_MASK } from '../shared/columnMask';
import type { CapturedMessage } from './capturedMessage';
import { capturedMessage } from './capturedMessage';
import type { CaptureMeta } from './captureMeta';
import type { IndexRow } from './indexChunk';
import { MaskedFrames } from './maskedFrames';
import type { PageCache } from './pageCache';
import type { DescribedTables } from './relationCatalog';

/** What frames are given out by. */
interface Source extends DescribedTables {
  readonly meta: Pick<CaptureMeta, 'source' | 'redacted'>;
}

/** The frames of a capture as they are given out: without the values that nobody is to see. */
export class CapturedFrames {
  readonly #pages: PageCache;
  readonly #source: Source;
  /** What {@link setMask} was given. */
  #asked: readonly string[] = [];
  /** Undefined where nothing is masked. */
  #masked: MaskedFrames | undefined;
  /** The frame that was masked last: a large one is read in pieces. */
  #last: { readonly offset: number; readonly frame: Uint8Array } | undefined;

  constructor(pages: PageCache, source: Source) {
    this.#pages = pages;
    this.#source = source;
  }

  /** Patterns of {@link ColumnMask}, beside those that the file itself was redacted by. */
  setMask(patterns: readonly string[]): void {
    this.#asked = patterns;
    const mask = maskOf([...patterns, ...(this.#source.meta.redacted ?? [])]);
    this.#masked = mask.isEmpty ? undefined : new MaskedFrames(mask, this.#source);
    this.#last = undefined;
  }

  /** Call when the file tells of more that it was redacted by. */
  metaChanged(): void {
    const { redacted = [] } = this.#source.meta;
    if (redacted.some(pattern => !this.mask.patterns.includes(pattern))) this.setMask(this.#asked);
  }

  get mask(): ColumnMask {
    return this.#masked?.mask ?? NO_MASK;
  }

  /** The masked columns of a relation version; undefined for none. */
  columns(version: number): MaskedColumns | undefined {
    return this.#masked?.columns(version);
  }

  /** The frame itself where it holds no masked value. */
  of(row: IndexRow, frame: Uint8Array): Uint8Array {
    return this.#masked?.of(row, frame) ?? frame;
  }

  /** The frame as it stands in the file. */
  raw(row: IndexRow): Promise<Uint8Array> {
    return this.#pages.read(row.offset, row.length);
  }

  async message(seq: number, row: IndexRow): Promise<CapturedMessage> {
    const frame = await this.raw(row);
    const given = this.of(row, frame);
    const message = capturedMessage(seq, row, given);
    return given === frame ? message : { ...message, masked: true };
  }

  /** Bytes of a frame: fewer, or more, than in the file where values are masked. */
  async length(row: IndexRow): Promise<number> {
    return this.#masked?.mayChange(row) === true
      ? (await this.#maskedFrame(row, this.#masked)).length
      : row.length;
  }

  /** Some bytes of a frame, for one that is too large to be read as a whole. */
  async part(row: IndexRow, start: number, length: number): Promise<Uint8Array> {
    if (this.#masked?.mayChange(row) === true) {
      const frame = await this.#maskedFrame(row, this.#masked);
      return frame.subarray(start, Math.max(start, start + length));
    }
    const end = Math.min(row.length, start + length);
    return this.#pages.read(row.offset + start, Math.max(0, end - start));
  }

  async #maskedFrame(row: IndexRow, masked: MaskedFrames): Promise<Uint8Array> {
    if (this.#last?.offset !== row.offset) {
      const frame = masked.of(row, await this.raw(row));
      // The mask may have become another one meanwhile.
      if (masked !== this.#masked) return frame;
      this.#last = { offset: row.offset, frame };
    }
    return this.#last.frame;
  }
}
