import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { tupleState } from '../logical/pgoutput/tuple';
import type { RowImage } from '../logical/rowImage';
import type { CaptureFile } from './captureFile';
import type { CapturedMessage } from './capturedMessage';
import { decodeCaptured } from './decodedMessage';
import { CHUNK_ROWS, CHUNK_SHIFT, ROW } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import { mayHaveRelation } from './zone';

/** What tells the rows of a table apart: some columns, or `undefined` for all of them. */
export interface TextKey {
  readonly names: readonly string[] | undefined;
}

/** Updates of a table that are read before only deletes are: with test_decoding few of them name the key. */
const MOST_UPDATES = 2000;

/**
 * The keys of tables that are known by texts alone. No text describes a table: a delete names the columns of
 * its replica identity, as wal2json does in each update, and test_decoding where an update changed them;
 * wal2json names those of the primary key where it was asked to (include-pk), which may be others. What
 * one change of a table tells is taken for all of them.
 */
export class TextKeys {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #known = new Map<number, Evidence>();

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
  }

  /**
   * The key of a table, by what a change of it tells, else by the first others that tell it.
   *
   * @param version That which stands for the table.
   * @param read Reads a message as it stands in the file.
   */
  async of(
    version: number,
    image: RowImage | undefined,
    read: (seq: number) => Promise<CapturedMessage>,
    pause: () => Promise<void>,
  ): Promise<TextKey | undefined> {
    const evidence = this.#known.get(version) ?? new Evidence();
    this.#known.set(version, evidence);
    if (image !== undefined) evidence.take(image);
    await this.#search(version, evidence, read, pause);
    return evidence.key;
  }

  async #search(
    version: number,
    evidence: Evidence,
    read: (seq: number) => Promise<CapturedMessage>,
    pause: () => Promise<void>,
  ): Promise<void> {
    const { rows } = this.#file;
    while (!evidence.isSure() && evidence.seen < rows) {
      await pause();
      const number = evidence.seen >>> CHUNK_SHIFT;
      const base = number * CHUNK_ROWS;
      const end = Math.min(rows - base, CHUNK_ROWS);
      const zone = this.#file.zone(number);
      if (zone === undefined || mayHaveRelation(zone, version)) {
        const relations = await this.#file.column(number, 'relation');
        const kinds = await this.#file.column(number, 'kind');
        const flags = await this.#file.column(number, 'flags');
        for (let row = evidence.seen - base; row < end && !evidence.isSure(); row++) {
          if (relations[row] !== version || ((flags[row] ?? 0) & ROW.unknown) !== 0) continue;
          if (!evidence.wants(kinds[row] ?? 0)) continue;
          await pause();
          const { image } = decodeCaptured(await read(base + row), this.#catalog);
          if (image !== undefined) evidence.take(image);
        }
      }
      evidence.seen = base + end;
    }
  }
}

/** What the changes of a table have told of its key so far. */
class Evidence {
  /** Messages that were looked at. */
  seen = 0;
  key: TextKey | undefined;
  #sure = false;
  #updates = 0;
  /** An update without old values: its table does not send whole rows. */
  #hasPlainUpdate = false;
  #hasDelete = false;

  /** Nothing that comes could tell it better. */
  isSure(): boolean {
    return this.#sure;
  }

  wants(kind: number): boolean {
    if (kind === MessageLetter.update) return this.#updates < MOST_UPDATES;
    return kind === MessageLetter.delete && !this.#hasDelete;
  }

  take(image: RowImage): void {
    if (this.#sure) return;
    const { message } = image;
    if (message.kind === 'update') this.#updates++;
    // An insert has the primary key at most: old rows may tell another one.
    if (message.kind === 'insert') this.key ??= namesOf(primaryKey(image));
    else if (message.old !== undefined) this.#takeOld(image, message.kind);
    else if (message.kind === 'update') {
      this.#hasPlainUpdate = true;
      this.#sure = this.#hasDelete;
    }
  }

  #takeOld(image: RowImage, kind: 'update' | 'delete'): void {
    const key = oldKey(image);
    if (key === undefined || (kind === 'delete' && this.#hasDelete)) return;
    this.key = key;
    // Of a deleted row all that is told may be the key, or all that it held.
    this.#hasDelete ||= kind === 'delete';
    this.#sure = kind === 'update' || this.#hasPlainUpdate;
  }
}

/** What the old row of a change names: the columns of the replica identity, or all. */
function oldKey(image: RowImage): TextKey | undefined {
  const { message, relation } = image;
  const old = message.kind === 'insert' ? undefined : message.old;
  if (message.kind === 'insert' || old === undefined) return undefined;
  const primary = primaryKey(image);
  if (message.oldKind === 'full') return namesOf(primary) ?? { names: undefined };
  const told = relation.columns
    .filter((_, i) => tupleState(old, i) !== 'absent')
    .map(({ name }) => name);
  const hasPrimary = primary.length > 0 && primary.every(name => told.includes(name));
  return namesOf(hasPrimary ? primary : told);
}

/** The columns that the text itself marks. */
function primaryKey({ relation }: RowImage): readonly string[] {
  return relation.columns.filter(({ key }) => key).map(({ name }) => name);
}

function namesOf(names: readonly string[]): TextKey | undefined {
  return names.length === 0 ? undefined : { names };
}
