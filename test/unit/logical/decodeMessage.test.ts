import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, DecodeError } from '../../../src/base/byteReader';
import { annotateMessage } from '../../../src/logical/pgoutput/annotateMessage';
import { decodeMessage } from '../../../src/logical/pgoutput/decodeMessage';
import type { Tuple } from '../../../src/logical/pgoutput/message';
import { tupleBytes, tupleText } from '../../../src/logical/pgoutput/tuple';
import type { Relation } from '../../../src/logical/relation';
import type { Example } from './arbitraryMessage';
import { example } from './arbitraryMessage';
import { insert, MessageBuilder, relation, streamAbort, update } from './messageBuilder';

const decode = (bytes: Uint8Array, inStream = false) =>
  decodeMessage(new ByteReader(bytes), inStream);

describe('decodeMessage', () => {
  it('gives back what was encoded, for every kind of message', () => {
    fc.assert(
      fc.property(example, ({ bytes, inStream, expected }) => {
        const reader = new ByteReader(bytes);
        expect(plain(decodeMessage(reader, inStream))).toEqual(expected);
        expect(reader.remaining).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuses a message that is cut at any byte, without reading what lies behind it', () => {
    fc.assert(
      fc.property(example, ({ bytes, inStream }) => {
        // The rest of the message stands behind the cut: reading on would go unnoticed otherwise.
        for (let length = 0; length < bytes.length; length++) {
          const cut = bytes.subarray(0, length);
          // Without its last 16 bytes a Stream Abort is one of protocol 3.
          if (bytes[0] === 0x41 && length >= 9) continue;
          expect(() => decode(cut, inStream)).toThrow(DecodeError);
          expect(annotateMessage(cut, inStream).error).not.toBe('');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('reads xids and OIDs as unsigned', () => {
    expect(decode(insert({ xid: 0xfffffffe, oid: 0x80000001, row: [] }), true)).toMatchObject({
      xid: 0xfffffffe,
      relationOid: 0x80000001,
    });
  });

  it('keeps an unknown letter with its bytes', () => {
    const message = decode(MessageBuilder.of('z').u8(1).u8(2).build());
    expect(message).toMatchObject({ kind: 'unknown', letter: 'z' });
    expect(plain(message)).toMatchObject({ content: [1, 2] });
  });

  it('leaves bytes after the end of a message unread', () => {
    const bytes = Uint8Array.from([...insert({ oid: 1, row: ['a'] }), 9, 9]);
    const reader = new ByteReader(bytes);
    expect(decodeMessage(reader, false).kind).toBe('insert');
    expect(reader.remaining).toBe(2);
  });

  it.each([
    ['a column kind', [0x49, 0, 0, 0, 1, 0x4e, 0, 1, 0x78]],
    ['a row kind of an insert', [0x49, 0, 0, 0, 1, 0x4f, 0, 0]],
    ['a row kind of an update', [0x55, 0, 0, 0, 1, 0x58, 0, 0]],
    ['a row kind of a delete', [0x44, 0, 0, 0, 1, 0x4e, 0, 0]],
  ])('refuses %s that it does not know', (_, bytes) => {
    expect(() => decode(Uint8Array.from(bytes))).toThrow(/is not/);
  });

  it('does not allocate for counts that the message cannot hold', () => {
    const many = MessageBuilder.of('T').u32(0xffffffff).u8(0).u32(1).build();
    expect(() => decode(many)).toThrow(DecodeError);
    const wide = MessageBuilder.of('I').u32(1).u8(0x4e).u16(0xffff).u8(0x6e).build();
    expect(() => decode(wide)).toThrow(DecodeError);
  });
});

describe('annotateMessage', () => {
  it('covers every byte, also of a message that cannot be read', () => {
    fc.assert(
      fc.property(example, fc.nat(), fc.nat({ max: 255 }), (message: Example, at, byte) => {
        const bytes = message.bytes.slice();
        bytes[at % bytes.length] = byte;
        const { fields } = annotateMessage(bytes, message.inStream);
        let end = 0;
        for (const field of fields) {
          expect(field.offset).toBe(end);
          end += field.length;
        }
        expect(end).toBe(bytes.length);
      }),
    );
  });

  it('names the columns of a row by the relation', () => {
    const { fields } = annotateMessage(
      update({ oid: 7, key: ['1', null], row: ['2', { unchanged: true }] }),
      false,
      RELATION,
    );
    const row = fields.at(-1)!;
    expect(row.children.map(field => field.name)).toEqual([
      'number of columns',
      'column 1: id integer, key',
      'column 2: note character varying(20)',
    ]);
    expect(row.children[1]!.children.map(field => field.value)).toEqual([
      "'t' text form",
      '1',
      '2',
    ]);
    expect(row.children[2]!.children[0]!.value).toBe("'u' unchanged TOAST, not sent");
  });

  it('says what letters and bits mean', () => {
    const bytes = relation({ oid: 7, name: 't', columns: [{ name: 'id', key: true }] });
    const { fields } = annotateMessage(bytes, false);
    expect(fields.find(field => field.name === 'message')!.value).toBe("'R' Relation");
    expect(fields.find(field => field.name === 'replica identity')!.value).toBe(
      "'d' default (primary key)",
    );
    expect(fields.at(-1)!.children[0]!.value).toBe('1 part of the key');
  });

  it('notes trailing bytes', () => {
    const bytes = Uint8Array.from([...streamAbort({ xid: 1 }), 1, 2]);
    const { fields, error } = annotateMessage(bytes, false);
    expect(error).toBe('');
    expect(fields.at(-1)).toMatchObject({ name: 'trailing bytes', value: '\\x0102', length: 2 });
  });
});

describe('tupleText', () => {
  const textOf = (bytes: Uint8Array): string | undefined => {
    const message = decode(insert({ oid: 1, row: [{ text: bytes }] }));
    return message.kind === 'insert' ? tupleText(message.new, 0) : undefined;
  };

  it('gives any text back, short or long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), text => {
        expect(textOf(Buffer.from(text))).toBe(text);
      }),
    );
  });

  it('keeps a leading byte-order mark', () => {
    expect(textOf(Buffer.from('\uFEFFx'))).toBe('\uFEFFx');
  });

  it('does not guess at bytes that are not UTF-8', () => {
    expect(textOf(Uint8Array.of(0x61, 0xe9))).toBeUndefined();
  });
});

const RELATION: Relation = {
  oid: 7,
  schema: 'public',
  name: 't',
  replicaIdentity: 'default',
  columns: [
    { name: 'id', typeOid: 23, typeModifier: -1, key: true },
    { name: 'note', typeOid: 1043, typeModifier: 24, key: false },
  ],
};

/** A message with its rows and bytes as plain lists. */
function plain(message: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).map(([key, value]: [string, unknown]) => {
      if (value instanceof Uint8Array) return [key, [...value]];
      return [key, isTuple(value) ? plainTuple(value) : value];
    }),
  );
}

const isTuple = (value: unknown): value is Tuple =>
  typeof value === 'object' && value !== null && 'kinds' in value;

function plainTuple(tuple: Tuple): unknown {
  return Array.from(tuple.kinds, (kind, i) => {
    const letter = String.fromCharCode(kind);
    return letter === 't' || letter === 'b' ? [letter, [...tupleBytes(tuple, i)]] : letter;
  });
}
