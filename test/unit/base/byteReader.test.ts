import { describe, expect, it } from 'vitest';
import { ByteReader, DecodeError } from '../../../src/base/byteReader';
import { FieldReader } from '../../../src/base/fieldReader';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('ByteReader', () => {
  it('reads unsigned, signed and 64-bit fields in network order', () => {
    const reader = new ByteReader(
      bytes(0xff, 0xff, 0xfe, 0x80, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1, 0x80, 0, 0, 0),
    );
    expect(reader.u8('a')).toBe(0xff);
    expect(reader.u16('b')).toBe(0xfffe);
    expect(reader.u32('c')).toBe(0x80000001);
    expect(reader.i32('d')).toBe(-1);
    expect(reader.lsn('e')).toBe(0x1_8000_0000n);
    expect(reader.remaining).toBe(0);
  });

  it('reads a view at its own place, not its buffer', () => {
    const whole = bytes(9, 9, 0, 7, 9);
    const reader = new ByteReader(whole.subarray(2, 4));
    expect(reader.u16('a')).toBe(7);
    expect(() => reader.u8('b')).toThrow(DecodeError);
  });

  it('says where, what, how much was wanted and how much was there', () => {
    const reader = new ByteReader(bytes(1, 2, 3));
    reader.u8('first');
    try {
      reader.u32('count');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ offset: 1, what: 'count', need: 4, have: 2 });
    }
    // A failed read takes nothing.
    expect(reader.offset).toBe(1);
  });

  it('refuses a string without its end', () => {
    expect(() => new ByteReader(bytes(0x61, 0x62)).cstring('name')).toThrow(/zero-terminated/);
  });

  it('keeps names apart that are not UTF-8', () => {
    expect(new ByteReader(bytes(0x63, 0xe9, 0)).cstring('name')).toBe('c\u00e9');
    expect(new ByteReader(bytes(0x63, 0xea, 0)).cstring('name')).toBe('c\u00ea');
  });

  it('keeps a byte-order mark at the start of a name', () => {
    expect(new ByteReader(bytes(0xef, 0xbb, 0xbf, 0x61, 0)).cstring('name')).toBe('\uFEFFa');
  });
});

describe('FieldReader', () => {
  it('records fields and groups with their bytes', () => {
    const reader = new FieldReader(bytes(0x52, 3, 0, 1, 0x61));
    reader.letter('message', 'kind', { R: 'Relation' });
    reader.flags('options', '', { 1: 'one', 2: 'two' });
    reader.open('list', 'members', 0);
    reader.u16('count');
    reader.close();
    reader.skip(1, 'value');
    expect(reader.fields()).toEqual([
      {
        name: 'message',
        value: "'R' Relation",
        meaning: 'kind',
        offset: 0,
        length: 1,
        children: [],
      },
      { name: 'options', value: '3 one, two', meaning: '', offset: 1, length: 1, children: [] },
      {
        name: 'list 1',
        value: '',
        meaning: 'members',
        offset: 2,
        length: 2,
        children: [{ name: 'count', value: '1', meaning: '', offset: 2, length: 2, children: [] }],
      },
      { name: 'value', value: 'a', meaning: '', offset: 4, length: 1, children: [] },
    ]);
  });

  it('closes the groups of a walk that failed', () => {
    const reader = new FieldReader(bytes(1));
    reader.open('outer');
    reader.open('inner');
    reader.u8('a');
    expect(() => reader.u8('b')).toThrow(DecodeError);
    const [outer] = reader.fields();
    expect(outer).toMatchObject({ name: 'outer', length: 1 });
    expect(outer!.children[0]).toMatchObject({ name: 'inner', length: 1 });
  });

  it('cuts long values between characters and shows what is not text in hexadecimal', () => {
    const long = new TextEncoder().encode('é'.repeat(150));
    const reader = new FieldReader(Uint8Array.from([...bytes(0x61), ...long, 0xff, 0xfe]));
    reader.take(1 + long.length, 'long');
    reader.take(2, 'odd');
    const [text, odd] = reader.fields();
    expect(text!.value).toBe(`a${'é'.repeat(99)}… (301 bytes)`);
    expect(odd!.value).toBe('\\xfffe');
  });
});
