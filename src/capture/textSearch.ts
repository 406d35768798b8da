import { ByteReader, DecodeError } from '../base/byteReader';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { binaryText, isTextForm } from '../logical/types/binary/binaryText';
import type { CaptureFile } from './captureFile';
import { DATA_HEADER_SIZE } from './frame';
import { OPAQUE_KIND } from './frameIndexer';
import type { IndexChunk } from './indexChunk';
import { CHUNK_ROWS, NONE, ROW } from './indexChunk';
import { largeMessageHas } from './largeText';
import { anyText, CONTENT } from './messageText';
import { IS_CHANGE } from './operations';
import { ReadAhead } from './readAhead';
import type { RelationCatalog } from './relationCatalog';
import { isHiddenInText, pluginTextHas } from './pluginTextSearch';
import { TextNeedle } from './textNeedle';

/** Bytes of the file that one step reads and goes over: a millisecond or two. */
const SPAN = 1024 * 1024;
/** The same where values are rendered or cut out of a text, which takes some ten times as long. */
const SLOW_SPAN = 32 * 1024;

/**
 * Finds the messages that contain a text. Reads the file in large pieces, in order; where the needle is
 * ASCII it goes over a piece as a whole and looks at a message only where one of its bytes matched.
 */
export class TextSearch {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #needle: TextNeedle;
  /** The needle names a schema, or may: `public.` counts as written then. */
  readonly #qualified: boolean;
  /** The bytes of the needle stand wherever a text has it. */
  readonly #scansBytes: boolean;
  readonly #pieces: ReadAhead;
  /** 1 for the rows of the step at hand that have the text, beginning with its first. */
  readonly #found = new Uint8Array(CHUNK_ROWS);
  /** For each relation version: {@link NAMED}, {@link NOT_NAMED}, 0 where it was not asked yet. */
  #verdicts = new Uint8Array(64);

  constructor(file: CaptureFile, catalog: RelationCatalog, text: string) {
    this.#file = file;
    this.#catalog = catalog;
    this.#pieces = new ReadAhead(file, SPAN);
    this.#needle = new TextNeedle(text);
    this.#qualified = text.includes('.');
    const plugin = catalog.textPlugin;
    const isHidden = plugin !== undefined && isHiddenInText(plugin, text);
    this.#scansBytes = this.#needle.isAscii && !isHidden;
  }

  /**
   * Goes over rows of a chunk from `first` on, as many as one step takes and not beyond `end`. `marks` begins
   * with the first of them: those that have 0 are not looked at, those that do not contain the text get 0.
   * Returns the row behind the last one that it went over.
   */
  async step(number: number, first: number, end: number, marks: Uint8Array): Promise<number> {
    const chunk = await this.#file.chunk(number);
    const base = chunk.offset[first] ?? 0;
    // Asked each time: a capture that is being written may be continued in another form.
    const { holdsBinary } = this.#file;
    const takesLong = holdsBinary || this.#catalog.textPlugin !== undefined;
    let stop = first;
    while (
      stop < end &&
      rowEnd(chunk, stop) - base <= (takesLong && stop > first ? SLOW_SPAN : SPAN)
    ) {
      stop++;
    }
    if (stop === first) {
      if (marks[0] !== 0 && !(await this.#largeMatches(chunk, first, number))) marks[0] = 0;
      return first + 1;
    }
    const bytes = await this.#pieces.read(base, rowEnd(chunk, stop - 1) - base);
    const found = this.#found.fill(0, 0, stop - first);
    if (this.#scansBytes) this.#findRows(bytes, chunk, first, stop, marks);
    for (let i = 0; i < stop - first; i++) {
      if (marks[i] === 0 || found[i] === 1) continue;
      const row = first + i;
      const matches =
        this.#nameMatches(bytes, chunk, row, base, number) ||
        (!this.#scansBytes && this.#textMatches(bytes, chunk, row, base)) ||
        (holdsBinary && this.#binaryMatches(bytes, chunk, row, base));
      if (!matches) marks[i] = 0;
    }
    return stop;
  }

  /** Marks the rows that have the needle in a text; only those are looked at where its bytes stand. */
  #findRows(
    bytes: Uint8Array,
    chunk: IndexChunk,
    first: number,
    stop: number,
    marks: Uint8Array,
  ): void {
    const found = this.#found;
    const base = chunk.offset[first] ?? 0;
    let row = first;
    // Where to look on behind a place where a text of the needle may stand.
    const visit = (at: number): number => {
      while (row < stop && rowEnd(chunk, row) - base <= at) row++;
      if (row >= stop) return bytes.length;
      const start = (chunk.offset[row] ?? 0) - base;
      // Between two messages: the header of a block.
      if (at < start) return start;
      const i = row - first;
      if (found[i] === 0 && marks[i] !== 0 && this.#textMatches(bytes, chunk, row, base)) {
        found[i] = 1;
      }
      return rowEnd(chunk, row) - base;
    };
    this.#needle.eachIn(bytes, 0, bytes.length, visit);
    row = first;
    let at = this.#needle.disguisedIn(bytes);
    while (at >= 0) at = this.#needle.disguisedIn(bytes, visit(at));
  }

  /** Whether a value, a prefix or a content has the text. */
  #textMatches(bytes: Uint8Array, chunk: IndexChunk, row: number, base: number): boolean {
    const start = (chunk.offset[row] ?? 0) - base + DATA_HEADER_SIZE;
    const end = rowEnd(chunk, row) - base;
    const plugin = this.#catalog.textPlugin;
    if (plugin !== undefined) {
      const text = bytes.subarray(start, end);
      const { mask } = this.#file;
      return pluginTextHas(plugin, text, this.#needle, table => this.#isNamed(table), mask);
    }
    const isMasked = this.#maskedIn(chunk, row);
    if (chunk.kind[row] === OPAQUE_KIND && isMasked !== undefined) return false;
    if (chunk.kind[row] === OPAQUE_KIND) return this.#needle.isInLine(bytes, start, end);
    const inStream = ((chunk.flags[row] ?? 0) & ROW.inStream) !== 0;
    return anyText(
      bytes,
      start,
      end,
      inStream,
      (from, to, column) => isMasked?.(column) !== true && this.#needle.isInBytes(bytes, from, to),
    );
  }

  /** Which texts of a message nobody is to find; undefined where nothing in the capture is masked. */
  #maskedIn(chunk: IndexChunk, row: number): ((column: number) => boolean) | undefined {
    const { mask } = this.#file;
    if (mask.isEmpty) return undefined;
    const columns = this.#file.maskedColumns(chunk.relation[row] ?? NONE);
    return column =>
      column < 0 ? column === CONTENT && mask.everything : columns?.has(column) === true;
  }

  /** Whether the text of a value in binary form has the needle. */
  #binaryMatches(bytes: Uint8Array, chunk: IndexChunk, row: number, base: number): boolean {
    const relation = this.#catalog.relation(chunk.relation[row] ?? NONE);
    if (relation === undefined) return false;
    const start = (chunk.offset[row] ?? 0) - base + DATA_HEADER_SIZE;
    const end = rowEnd(chunk, row) - base;
    const inStream = ((chunk.flags[row] ?? 0) & ROW.inStream) !== 0;
    const { findType } = this.#catalog;
    const isMasked = this.#maskedIn(chunk, row);
    return anyText(bytes, start, end, inStream, NEVER, (from, to, column) => {
      if (isMasked?.(column) === true) return false;
      const typeOid = relation.columns[column]?.typeOid ?? 0;
      if (isTextForm(typeOid, findType)) return this.#needle.isInBytes(bytes, from, to);
      const text = binaryText(typeOid, bytes.subarray(from, to), findType);
      return text !== undefined && this.#needle.isIn(text);
    });
  }

  #nameMatches(
    bytes: Uint8Array,
    chunk: IndexChunk,
    row: number,
    base: number,
    number: number,
  ): boolean {
    const relation = chunk.relation[row] ?? NONE;
    if (relation === NONE) return false;
    const kind = chunk.kind[row] ?? 0;
    if (IS_CHANGE[kind] !== 1) return false;
    if (this.#verdicts[relation] !== NOT_NAMED && this.#relationMatches(relation)) return true;
    if (kind !== MessageLetter.truncate || this.#catalog.textPlugin !== undefined) return false;
    const start = (chunk.offset[row] ?? 0) - base + DATA_HEADER_SIZE;
    const payload = bytes.subarray(start, rowEnd(chunk, row) - base);
    const inStream = ((chunk.flags[row] ?? 0) & ROW.inStream) !== 0;
    return this.#truncateMatches(payload, inStream, number * CHUNK_ROWS + row);
  }

  #truncateMatches(payload: Uint8Array, inStream: boolean, seq: number): boolean {
    try {
      const message = decodeMessage(new ByteReader(payload), inStream);
      if (message.kind !== 'truncate') return false;
      return message.relationOids.some(oid => {
        const relation = this.#catalog.relationAt(oid, seq);
        return relation !== undefined && this.#isNamed(relation);
      });
    } catch (error) {
      if (error instanceof DecodeError) return false;
      throw error;
    }
  }

  #relationMatches(version: number): boolean {
    if (version >= this.#verdicts.length) {
      const verdicts = new Uint8Array(version * 2);
      verdicts.set(this.#verdicts);
      this.#verdicts = verdicts;
    }
    if (this.#verdicts[version] === 0) {
      const relation = this.#catalog.relation(version);
      this.#verdicts[version] =
        relation !== undefined && this.#isNamed(relation) ? NAMED : NOT_NAMED;
    }
    return this.#verdicts[version] === NAMED;
  }

  /** As the list names it: without the schema where that is `public`, unless the text has a dot. */
  #isNamed({ schema, name }: { readonly schema: string; readonly name: string }): boolean {
    const shown = schema === 'public' && !this.#qualified ? name : `${schema}.${name}`;
    return this.#needle.isIn(shown);
  }

  async #largeMatches(chunk: IndexChunk, row: number, number: number): Promise<boolean> {
    const relation = chunk.relation[row] ?? NONE;
    if (relation !== NONE && this.#relationMatches(relation)) return true;
    const seq = number * CHUNK_ROWS + row;
    return largeMessageHas(this.#file, this.#catalog, seq, this.#needle);
  }
}

/** Whether the name of a table has the text. */
const [NAMED, NOT_NAMED] = [1, 2];

const NEVER = (): boolean => false;

function rowEnd(chunk: IndexChunk, row: number): number {
  return (chunk.offset[row] ?? 0) + (chunk.length[row] ?? 0);
}
