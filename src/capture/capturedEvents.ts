import { toLsn } from '../base/lsn';
import type { FilterEvent } from '../filter/filterEvent';
import { ImageRow } from '../filter/filterEvent';
import { decodeUtf8 } from '../logical/pgoutput/tuple';
import { RowImage } from '../logical/rowImage';
import { readText } from '../logical/textPlugins/readText';
import type { TextItem } from '../logical/textPlugins/textChange';
import { textRow } from '../logical/textPlugins/textRow';
import type { TextPlugin } from '../shared/textPlugin';
import type { CapturedMessage } from './capturedMessage';
import { decodeCaptured } from './decodedMessage';
import { DATA_HEADER_SIZE } from './frame';
import { operationOf } from './operations';
import type { RelationCatalog } from './relationCatalog';
import { withMaskedColumns } from './relationCatalog';
import type { EndFacts } from './transactionFacts';

/**
 * The changes of a message, as a filter sees them: none of what is no change, several of a text that holds
 * several, in its order.
 */
export function capturedEvents(
  captured: CapturedMessage,
  catalog: RelationCatalog,
  ends: EndFacts,
): FilterEvent[] {
  const { row } = captured;
  const base = {
    lsn: toLsn(row.lsn),
    ...ends,
    size: row.length - DATA_HEADER_SIZE,
    tables: [],
    row: undefined,
    prefix: undefined,
    content: undefined,
  };
  const { textPlugin, findType } = catalog;
  if (textPlugin !== undefined) return textEvents(captured, catalog, textPlugin, base);
  const op = operationOf(row.kind);
  if (op === undefined) return [];
  const relation = catalog.relation(row.relation);
  const named = relation === undefined ? [] : [{ schema: relation.schema, table: relation.name }];
  const { message, image, error } = decodeCaptured(captured, catalog);
  switch (message?.kind) {
    case 'truncate': {
      const tables = message.relationOids.flatMap(oid => {
        const table = catalog.relationAt(oid, captured.seq);
        return table === undefined ? [] : [{ schema: table.schema, table: table.name }];
      });
      return [{ ...base, op, tables }];
    }
    case 'message': {
      const content = catalog.mask.everything ? undefined : decodeUtf8(message.content);
      return [{ ...base, op, prefix: message.prefix, content }];
    }
    default: {
      if (image === undefined || error !== '') return [{ ...base, op, tables: named }];
      return [{ ...base, op, tables: named, row: new ImageRow(image, findType) }];
    }
  }
}

function textEvents(
  { lsn, payload, row }: CapturedMessage,
  catalog: RelationCatalog,
  plugin: TextPlugin,
  base: Omit<FilterEvent, 'op'>,
): FilterEvent[] {
  const { items } = readText(plugin, payload, { lsn, xid: row.xid });
  return (items ?? []).flatMap(item => {
    const event = textEvent(item, catalog, base);
    return event === undefined ? [] : [event];
  });
}

function textEvent(
  item: TextItem,
  catalog: RelationCatalog,
  base: Omit<FilterEvent, 'op'>,
): FilterEvent | undefined {
  switch (item.kind) {
    case 'row': {
      const { relation, message } = textRow(item);
      const image = new RowImage(withMaskedColumns(relation, catalog.mask), message);
      const tables = [{ schema: item.schema, table: item.table }];
      const filterRow = new ImageRow(image, catalog.findType);
      return { ...base, op: item.operation, tables, row: filterRow };
    }
    case 'truncate':
      return { ...base, op: 'truncate', tables: item.relations };
    case 'message': {
      const isTold = item.contentEncoding === 'utf8' && !catalog.mask.everything;
      const content = isTold ? item.content : undefined;
      return { ...base, op: 'message', prefix: item.prefix, content };
    }
    default:
      return undefined;
  }
}
