import { INVALID_LSN } from '../base/lsn';
import type { ColumnMask } from '../shared/columnMask';
import type { TextItem } from '../logical/textPlugins/textChange';
import { readText } from '../logical/textPlugins/readText';
import type { TextPlugin } from '../shared/textPlugin';
import type { TextNeedle } from './textNeedle';

/**
 * Whether what is looked for may stand in a value without its bytes standing in the plugin's text: the
 * text doubles or escapes some characters; wal2json leaves out the `\x` of a bytea, and names a table and
 * its schema apart.
 */
export function isHiddenInText(plugin: TextPlugin, needle: string): boolean {
  // The name of a table stands in double quotes where it is odd, apart from that of its schema.
  if (plugin === 'test_decoding') return /['".]/.test(needle);
  // eslint-disable-next-line no-control-regex -- these are what JSON escapes
  return /["\\.\u0000-\u001f]/.test(needle) || /^x/i.test(needle);
}

/** Whether the values that are not masked, prefixes, contents or, of several changes, tables that a text tells have the needle. */
export function pluginTextHas(
  plugin: TextPlugin,
  payload: Uint8Array,
  needle: TextNeedle,
  isNamed: (table: { readonly schema: string; readonly name: string }) => boolean,
  mask: ColumnMask,
): boolean {
  const read = readText(plugin, payload, { lsn: INVALID_LSN, xid: 0 });
  // What cannot be read is shown as it is, and so is what is no change.
  if (read.items === undefined && !mask.isEmpty) return false;
  if (read.items === undefined) return needle.isInLine(payload, 0, payload.length);
  const changes = read.items.filter(item => item.kind !== 'begin' && item.kind !== 'commit');
  return changes.some(item => {
    const tables = tablesOf(item);
    if (tables === undefined) return needle.isInLine(payload, 0, payload.length);
    return tables.some(isNamed) || valuesOf(item, mask).some(value => needle.isIn(value));
  });
}

/** Undefined for what is no change. */
function tablesOf(
  item: TextItem,
): readonly { readonly schema: string; readonly name: string }[] | undefined {
  switch (item.kind) {
    case 'row':
      return [{ schema: item.schema, name: item.table }];
    case 'truncate':
      return item.relations.map(({ schema, table }) => ({ schema, name: table }));
    case 'message':
      return [];
    default:
      return undefined;
  }
}

function valuesOf(item: TextItem, mask: ColumnMask): readonly string[] {
  if (item.kind === 'message') {
    const isText = item.contentEncoding === 'utf8' && !mask.everything;
    return isText ? [item.prefix, item.content] : [item.prefix];
  }
  if (item.kind !== 'row') return [];
  const values: string[] = [];
  for (const { name, value, bytes } of [...item.old, ...item.new]) {
    if (mask.has(item.schema, item.table, name)) continue;
    // Bytes that are no text contain nothing.
    if (typeof value === 'string' && bytes === undefined) values.push(value);
  }
  return values;
}
