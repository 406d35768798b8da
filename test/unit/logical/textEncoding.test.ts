import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import type { LogicalEvent } from '../../../src/logical/event';
import { formatEvent } from '../../../src/logical/formatEvent';
import { readText } from '../../../src/logical/textPlugins/readText';
import { itemEvent } from '../../../src/logical/textPlugins/textChange';
import { textRow } from '../../../src/logical/textPlugins/textRow';
import { NO_MASK } from '../../../src/shared/columnMask';
import { isHiddenInText, pluginTextHas } from '../../../src/capture/pluginTextSearch';
import { TextNeedle } from '../../../src/capture/textNeedle';
import type { TextPlugin } from '../../../src/shared/textPlugin';

const place = { lsn: toLsn(16n), xid: 7 };

/** Bytes of a text with a character for each. */
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

function eventOf(payload: Uint8Array, plugin: TextPlugin = 'test_decoding'): LogicalEvent {
  const { items } = readText(plugin, payload, place);
  return itemEvent(items![0]!);
}

const written = (event: LogicalEvent): unknown => JSON.parse(formatEvent(event));

describe('a text that is not UTF-8, as in a database of SQL_ASCII', () => {
  const row = bytes(
    `table public.t: UPDATE: old-key: id[text]:'\xe9' new-tuple: id[text]:'caf\xe9''s' `,
  );
  // What is UTF-8 in it stays text, also a name.
  const insert = Buffer.concat([
    Buffer.from(`table public."größe": INSERT: "ü"[text]:'Grüße' b[text]:'`),
    bytes(`\xff\xfe'`),
  ]);

  it('is a change like any other: values that are no text are base64', () => {
    expect(written(eventOf(insert))).toEqual({
      kind: 'insert',
      lsn: '0/10',
      xid: 7,
      schema: 'public',
      table: 'größe',
      new: { ü: 'Grüße', b: '//4=' },
      encoding: { b: 'base64' },
    });
    expect(written(eventOf(row.subarray(0, -1)))).toMatchObject({
      key: { id: bytes('\xe9').toString('base64') },
      new: { id: bytes(`caf\xe9's`).toString('base64') },
    });
  });

  it('shows its bytes in a row, and its base64 is no text to look for', () => {
    const item = readText('test_decoding', insert, place).items![0]!;
    if (item.kind !== 'row') expect.unreachable('a row was told');
    const { message } = textRow(item);
    if (message.kind !== 'insert') expect.unreachable('it was an insert');
    expect(Buffer.from(message.new.bytes).toString('latin1')).toMatch(/\xff\xfe$/);
    const has = (text: string): boolean =>
      pluginTextHas('test_decoding', insert, new TextNeedle(text), () => false, NO_MASK);
    expect(isHiddenInText('test_decoding', 'Grüße')).toBe(false);
    expect(has('Grüße')).toBe(true);
    expect(has('//4=')).toBe(false);
  });

  it('names tables whose quotes are not looked for', () => {
    const text = 'table public.orders, shop."Odd, ""name""", shop."Zwei": TRUNCATE: (no-flags)';
    for (const needle of ['shop.Odd', 'Odd, "name', 'shop.Zwei', "'"]) {
      expect(isHiddenInText('test_decoding', needle)).toBe(true);
    }
    const named = (needle: string): boolean =>
      pluginTextHas(
        ...(['test_decoding', Buffer.from(text), new TextNeedle(needle)] as const),
        ({ schema, name }) => new TextNeedle(needle).isIn(`${schema}.${name}`),
        NO_MASK,
      );
    expect(['shop.Odd', 'Odd, "name', 'shop.Zwei', 'orders'].map(named)).not.toContain(false);
    expect(named('shop.orders')).toBe(false);
  });

  it('may be a message of any bytes, whose size tells where it begins', () => {
    const told = (prefix: string, content: string): unknown => {
      const size = String(bytes(content).length);
      const text = `message: transactional: 1 prefix: ${prefix}, sz: ${size} content:${content}`;
      return written(eventOf(bytes(text)));
    };
    const message = { kind: 'message', lsn: '0/10', xid: 7, transactional: true };
    expect(told('app', '\x00\xff')).toEqual({
      ...message,
      prefix: 'app',
      content: 'AP8=',
      contentEncoding: 'base64',
    });
    expect(told('a, sz: 3 content:', 'abc')).toMatchObject({
      prefix: 'a, sz: 3 content:',
      content: 'abc',
    });
    expect(told('a', ', sz: 0')).toMatchObject({ prefix: 'a', content: ', sz: 0' });
    expect(told('a', '')).toMatchObject({ prefix: 'a', content: '' });
  });

  it('is read of wal2json too', () => {
    const json = bytes(
      `{"action":"I","schema":"public","table":"t","columns":[{"name":"v","type":"text","value":"\xe9\\""}]}`,
    );
    expect(written(eventOf(json, 'wal2json'))).toMatchObject({
      table: 't',
      new: { v: bytes('\xe9"').toString('base64') },
      encoding: { v: 'base64' },
    });
  });
});
