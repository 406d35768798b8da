import { ByteReader, DecodeError } from '../base/byteReader';
import type { ColumnMask } from '../shared/columnMask';
import { isTextPlugin } from '../shared/textPlugin';
import type { MaskedColumns } from './maskedMessage';
import { ALL_COLUMNS, isRowLetter, MASKED_BYTES, maskedContent, maskedRow } from './maskedMessage';
import { decodeMessage } from './pgoutput/decodeMessage';
import { MESSAGE_LABELS } from './pgoutput/messageName';
import { MessageLetter } from './pgoutput/messageLetter';
import { MessageScanner } from './pgoutput/messageScanner';
import type { Relation } from './relation';
import type { RelationVersion } from './relationCache';
import { RelationCache } from './relationCache';
import { maskedText } from './textPlugins/maskedText';

/** The columns of a table that a mask covers; undefined where it covers none. */
export function maskedColumnsOf(relation: Relation, mask: ColumnMask): MaskedColumns | undefined {
  const { schema, name, columns } = relation;
  const masked = columns.map(column => mask.has(schema, name, column.name));
  if (!masked.includes(true)) return undefined;
  // A value that no column is known for may be a masked one.
  return { has: column => masked[column] ?? true };
}

/** Without the values that a mask covers; `masked` are the columns of its table, for a change of a row. */
export function maskedPayload(
  payload: Uint8Array,
  what: {
    readonly plugin: string;
    readonly mask: ColumnMask;
    readonly inStream: boolean;
    readonly masked: MaskedColumns | undefined;
  },
): Uint8Array {
  const { plugin, mask, inStream, masked } = what;
  if (isTextPlugin(plugin)) return maskedText(plugin, payload, mask);
  // What other plugins write does not tell us its columns.
  if (!isPgoutput(plugin)) return MASKED_BYTES;
  const kind = payload[0] ?? 0;
  if (isRowLetter(kind)) {
    return masked === undefined ? payload : maskedRow(payload, inStream, masked);
  }
  if (kind === MessageLetter.message) {
    return mask.everything ? maskedContent(payload, inStream) : payload;
  }
  // Of a message that is not known here, nobody can tell what is a value.
  return String.fromCharCode(kind) in MESSAGE_LABELS ? payload : payload.subarray(0, 1);
}

/** Older captures do not name it. */
function isPgoutput(plugin: string): boolean {
  return plugin === 'pgoutput' || plugin === '';
}

/**
 * Takes masked values out of the messages of one stream, in their order: it follows the descriptions of the
 * tables as a decoder does.
 */
export class StreamMask {
  readonly #mask: ColumnMask;
  readonly #plugin: string;
  readonly #scanner = new MessageScanner();
  #relations = new RelationCache();
  readonly #columns = new Map<RelationVersion, MaskedColumns | undefined>();

  constructor(mask: ColumnMask, plugin: string) {
    this.#mask = mask;
    this.#plugin = plugin;
  }

  /** The message without masked values: itself where it has none. */
  apply(payload: Uint8Array): Uint8Array {
    const pgoutput = isPgoutput(this.#plugin);
    if (pgoutput) this.#follow(payload);
    const { kind, inStream } = this.#scanner;
    const masked = pgoutput && isRowLetter(kind) ? this.#columnsOf() : undefined;
    return maskedPayload(payload, { plugin: this.#plugin, mask: this.#mask, inStream, masked });
  }

  /** Another connection follows: it describes all tables again. */
  restart(): void {
    this.#scanner.reset();
    this.#relations = new RelationCache();
    this.#columns.clear();
  }

  #columnsOf(): MaskedColumns | undefined {
    const { relationOid, inStream, topXid } = this.#scanner;
    const version = this.#relations.get(relationOid, inStream ? topXid : 0);
    if (version === undefined) return ALL_COLUMNS;
    if (!this.#columns.has(version)) {
      this.#columns.set(version, maskedColumnsOf(version.relation, this.#mask));
    }
    return this.#columns.get(version);
  }

  #follow(payload: Uint8Array): void {
    const scanner = this.#scanner;
    scanner.scan(payload, 0, payload.length);
    const { inStream, topXid } = scanner;
    switch (scanner.kind) {
      case MessageLetter.relation:
        this.#describe(payload, inStream, inStream ? topXid : 0);
        break;
      case MessageLetter.streamStart:
        if (scanner.firstSegment) this.#relations.dropStream(topXid);
        break;
      case MessageLetter.streamCommit:
        this.#relations.commitStream(topXid);
        break;
      case MessageLetter.streamAbort:
        if (scanner.xid === topXid) this.#relations.dropStream(topXid);
        break;
      case MessageLetter.streamPrepare:
        this.#relations.dropStream(topXid);
        break;
      default:
        break;
    }
  }

  #describe(payload: Uint8Array, inStream: boolean, topXid: number): void {
    try {
      const message = decodeMessage(new ByteReader(payload), inStream);
      if (message.kind === 'relation') this.#relations.add(message.relation, topXid);
    } catch (error) {
      // What follows of this table cannot be read by anybody.
      if (!(error instanceof DecodeError)) throw error;
    }
  }
}
