import { readU32 } from '../base/bigEndian';
import { INVALID_LSN } from '../base/lsn';
import { ByteReader, DecodeError } from '../base/byteReader';
import type { CaptureFile } from '../capture/captureFile';
import type { CapturedMessage } from '../capture/capturedMessage';
import { dataFrame, FRAME } from '../capture/frame';
import { NONE, ROW } from '../capture/indexChunk';
import { IS_CHANGE } from '../capture/operations';
import type { RelationCatalog } from '../capture/relationCatalog';
import type { SeqBitmap } from '../capture/seqBitmap';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import { MessageLetter } from '../logical/pgoutput/messageLetter';
import { RelationScopes } from '../logical/relationScopes';

/**
 * The frames of a capture that holds only some changes of another: the frames of these changes as they
 * came, those that begin and end their transactions, gaps and seams, and before the first change of a
 * table what describes it, since the message that did may belong to a transaction that is left out.
 */
export class FilteredFrames {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #included: SeqBitmap;
  readonly #transactions: SeqBitmap;
  /** Which description of each table is in force in what is written, and for whom. */
  readonly #scopes = new RelationScopes<number>();
  readonly #types = new Set<number>();
  /** Top transaction of the stream block that is open; 0 outside one. */
  #block = 0;

  /** `transactions`: ordinals of those that have any of the `included` messages. */
  constructor(
    file: CaptureFile,
    catalog: RelationCatalog,
    included: SeqBitmap,
    transactions: SeqBitmap,
  ) {
    this.#file = file;
    this.#catalog = catalog;
    this.#included = included;
    this.#transactions = transactions;
  }

  /** What takes the place of a message: nothing, the message, or descriptions and the message. */
  of(message: CapturedMessage): Uint8Array[] {
    const { row, seq, frame } = message;
    if ((row.flags & ROW.ownFrame) !== 0) {
      const cuts = row.kind === FRAME.gap || row.kind === FRAME.seam;
      if (cuts) this.#forgetStreams();
      return cuts || this.#included.has(seq) ? [frame] : [];
    }
    // A text names its table: there is nothing to describe.
    if (this.#catalog.textPlugin === undefined) this.#follow(message);
    if (row.kind === MessageLetter.relation || row.kind === MessageLetter.type) return [];
    const isUnknown = (row.flags & ROW.unknown) !== 0;
    if (IS_CHANGE[row.kind] !== 1 || isUnknown || row.transaction === NONE) {
      if (row.transaction === NONE || isUnknown) {
        if (!this.#included.has(seq)) return [];
        return [...this.#descriptions(message), frame];
      }
      return this.#transactions.has(row.transaction) ? [frame] : [];
    }
    return this.#included.has(seq) ? [...this.#descriptions(message), frame] : [];
  }

  /** Keeps track of stream blocks, and of whose descriptions end with a streamed transaction. */
  #follow({ row, payload }: CapturedMessage): void {
    switch (row.kind) {
      case MessageLetter.streamStart:
        this.#block = readU32(payload, 1);
        if (payload[5] === 1) this.#scopes.dropStream(this.#block);
        break;
      case MessageLetter.streamStop:
        this.#block = 0;
        break;
      case MessageLetter.streamCommit:
        this.#scopes.commitStream(readU32(payload, 1));
        break;
      case MessageLetter.streamAbort:
        if (readU32(payload, 1) === readU32(payload, 5)) {
          this.#scopes.dropStream(readU32(payload, 1));
        }
        break;
      case MessageLetter.streamPrepare: {
        const { xid } = row;
        this.#scopes.dropStream(xid);
        break;
      }
      default:
        break;
    }
  }

  #forgetStreams(): void {
    for (const xid of [...this.#scopes.streamed.keys()]) this.#scopes.dropStream(xid);
    this.#block = 0;
  }

  /** The Type and Relation messages that a change needs and that are not written yet. */
  #descriptions(message: CapturedMessage): Uint8Array[] {
    const { row } = message;
    if (row.relation === NONE || this.#catalog.textPlugin !== undefined) return [];
    const frames: Uint8Array[] = [];
    for (const version of this.#versionsOf(message)) {
      const entry = this.#file.relations.get(version);
      if (entry === undefined || this.#scopes.get(entry.oid, this.#block) === version) continue;
      this.#scopes.set(entry.oid, this.#block, version, message.seq);
      for (const column of this.#catalog.relation(version)?.columns ?? []) {
        const type = this.#typeOf(column.typeOid, message.seq);
        if (type !== undefined) frames.push(this.#frame(type, row.xid));
      }
      frames.push(this.#frame(entry.message, row.xid));
    }
    return frames;
  }

  #versionsOf({ row, payload, seq }: CapturedMessage): number[] {
    if (row.kind !== MessageLetter.truncate) return [row.relation];
    try {
      const message = decodeMessage(new ByteReader(payload), (row.flags & ROW.inStream) !== 0);
      if (message.kind !== 'truncate') return [row.relation];
      const { all } = this.#file.relations;
      return message.relationOids.map(
        oid =>
          all.findLast(entry => entry.oid === oid && entry.seq <= seq)?.version ?? row.relation,
      );
    } catch (error) {
      if (error instanceof DecodeError) return [row.relation];
      throw error;
    }
  }

  /** The message that named a type, the first time that it is needed. */
  #typeOf(oid: number, seq: number): Uint8Array | undefined {
    const found = this.#file.relations.all.findLast(
      entry => entry.oid === 0 && entry.seq <= seq && readU32(entry.message, 1) === oid,
    );
    if (found === undefined || this.#types.has(found.version)) return undefined;
    this.#types.add(found.version);
    return found.message;
  }

  /** The frame of a description, which has an xid inside a stream block. */
  #frame(message: Uint8Array, xid: number): Uint8Array {
    if (this.#block === 0) return dataFrame(INVALID_LSN, message);
    const payload = new Uint8Array(message.length + 4);
    payload[0] = message[0] ?? 0;
    new DataView(payload.buffer).setUint32(1, xid);
    payload.set(message.subarray(1), 5);
    return dataFrame(INVALID_LSN, payload);
  }
}
