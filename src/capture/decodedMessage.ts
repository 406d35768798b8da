import { ByteReader, DecodeError } from '../base/byteReader';
import type { LogicalEvent } from '../logical/event';
import { decodeMessage } from '../logical/pgoutput/decodeMessage';
import type { PgoutputMessage } from '../logical/pgoutput/message';
import { RowImage, isRowMessage } from '../logical/rowImage';
import { readText } from '../logical/textPlugins/readText';
import { itemEvent } from '../logical/textPlugins/textChange';
import type { ColumnMask } from '../shared/columnMask';
import type { TextPlugin } from '../shared/textPlugin';
import { textRow } from '../logical/textPlugins/textRow';
import { OPAQUE_KIND } from './frameIndexer';
import type { IndexRow } from './indexChunk';
import { ROW } from './indexChunk';
import type { CapturedMessage } from './capturedMessage';
import type { RelationCatalog } from './relationCatalog';
import { tableIdOf, withMaskedColumns } from './relationCatalog';

/** A message with all that decoding it gives; `error` says what could not be read, or is empty. */
export interface DecodedMessage {
  /** What it is as a message of pgoutput; also of a text that says the same. */
  readonly message: PgoutputMessage | undefined;
  /** Present for a change of a row whose relation is known and fits. */
  readonly image: RowImage | undefined;
  /** The tables of a truncate, where the text names them: `message` has no OIDs then. */
  readonly truncated?: readonly string[];
  /** Changes that a single text holds, where these are not just one: a transaction of wal2json. */
  readonly changes?: readonly LogicalEvent[];
  readonly error: string;
}

/** Decodes a message of a capture. Never throws for bad bytes. */
export function decodeCaptured(
  captured: CapturedMessage,
  catalog: RelationCatalog,
): DecodedMessage {
  const { payload, row } = captured;
  if ((row.flags & ROW.ownFrame) !== 0) return NOTHING;
  if (catalog.textPlugin !== undefined)
    return decodeText(captured, catalog.textPlugin, catalog.mask);
  // What other plugins write is not known to us.
  if (!isPgoutput(row, catalog)) return NOTHING;
  let message: PgoutputMessage;
  try {
    message = decodeMessage(new ByteReader(payload), (row.flags & ROW.inStream) !== 0);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { message: undefined, image: undefined, error: error.message };
  }
  if (!isRowMessage(message)) return { message, image: undefined, error: '' };
  const relation = catalog.relation(row.relation);
  if (relation === undefined) {
    const error = `the table with OID ${String(message.relationOid)} was not described before`;
    return { message, image: undefined, error };
  }
  const error = RowImage.mismatch(relation, message) ?? '';
  return { message, image: new RowImage(relation, message), error };
}

export function isPgoutput(row: IndexRow, catalog: RelationCatalog): boolean {
  const isOwn = (row.flags & ROW.ownFrame) !== 0;
  return !isOwn && row.kind !== OPAQUE_KIND && catalog.textPlugin === undefined;
}

function decodeText(
  { lsn, payload, row }: CapturedMessage,
  plugin: TextPlugin,
  mask: ColumnMask,
): DecodedMessage {
  const read = readText(plugin, payload, { lsn, xid: row.xid });
  if (read.items === undefined) return { message: undefined, image: undefined, error: read.error };
  const items = read.items.filter(item => !EDGES.has(item.kind));
  const [item] = items;
  if (items.length > 1) {
    return { message: undefined, image: undefined, changes: items.map(itemEvent), error: '' };
  }
  switch (item?.kind) {
    case 'row': {
      const { relation, message } = textRow(item);
      const image = new RowImage(withMaskedColumns(relation, mask), message);
      return { message, image, error: '' };
    }
    case 'truncate': {
      const { relations, cascade, restartIdentity } = item;
      return {
        message: { kind: 'truncate', relationOids: [], cascade, restartIdentity },
        image: undefined,
        truncated: relations.map(({ schema, table }) => tableIdOf({ schema, name: table })),
        error: '',
      };
    }
    case 'message': {
      const { transactional, prefix, contentEncoding } = item;
      const content = Buffer.from(item.content, contentEncoding);
      const message = { kind: 'message', transactional, lsn, prefix, content } as const;
      return { message, image: undefined, error: '' };
    }
    default:
      return NOTHING;
  }
}

/** What begins and ends transactions, and is no change. */
const EDGES = new Set<string>(['begin', 'commit']);

const NOTHING: DecodedMessage = { message: undefined, image: undefined, error: '' };
