import { parseLsn } from '../../src/base/lsn';
import type { Lsn } from '../../src/base/lsn';
import { ByteReader } from '../../src/base/byteReader';
import type { TextPlugin } from '../../src/shared/textPlugin';
import { decodeMessage } from '../../src/logical/pgoutput/decodeMessage';
import { MessageScanner } from '../../src/logical/pgoutput/messageScanner';
import { tupleBytes, tupleState } from '../../src/logical/pgoutput/tuple';
import type { Relation } from '../../src/logical/relation';
import type { FindType } from '../../src/logical/types/binary/binaryText';
import { wal2jsonTexts } from '../fixtures/wal2jsonTexts';
import { LogicalFixtures, VERSIONS } from '../golden/logical/cases';
import type { Random } from './random';

export interface RecordedStream {
  readonly name: string;
  readonly messages: readonly { readonly lsn: Lsn; readonly bytes: Uint8Array }[];
}

export interface TextStream extends RecordedStream {
  readonly plugin: TextPlugin;
}

export interface BinaryValue {
  readonly oid: number;
  readonly bytes: Uint8Array;
}

/** Everything that was recorded, as what each decoder reads. */
export interface Corpus {
  /** pgoutput, all protocols, text and binary. */
  readonly streams: readonly RecordedStream[];
  readonly texts: readonly TextStream[];
  readonly values: readonly BinaryValue[];
  readonly findType: FindType;
}

export function loadCorpus(majors: readonly number[] = VERSIONS): Corpus {
  const streams: RecordedStream[] = [];
  const texts: TextStream[] = [];
  const values: BinaryValue[] = [];
  let findType: FindType = () => undefined;
  for (const major of majors) {
    const fixtures = new LogicalFixtures(major);
    findType = fixtures.findType;
    for (const name of fixtures.names('sql-peek')) {
      const messages = fixtures.rows(name).map(row => ({
        lsn: parseLsn(row.lsn)!,
        bytes: new Uint8Array(Buffer.from(row.data, 'hex')),
      }));
      const stream = { name: `pg${major} ${name}`, messages };
      streams.push(stream);
      if (name.includes('binary')) values.push(...binaryValues(stream));
    }
    for (const name of fixtures.names('oracle')) {
      const messages = fixtures
        .rows(name)
        .map(row => ({ lsn: parseLsn(row.lsn)!, bytes: new Uint8Array(Buffer.from(row.data)) }));
      const plugin = name.includes('wal2json') ? 'wal2json' : 'test_decoding';
      texts.push({ name: `pg${major} ${name}`, plugin, messages });
    }
  }
  for (const { name, rows } of wal2jsonTexts()) {
    const messages = rows.map(row => ({
      lsn: parseLsn(row.lsn)!,
      bytes: new Uint8Array(Buffer.from(row.data)),
    }));
    texts.push({ name, plugin: 'wal2json', messages });
  }
  return { streams, texts, values, findType };
}

/** Some messages that follow each other. */
export function stretch<T extends RecordedStream>(
  random: Random,
  streams: readonly T[],
  most: number,
): { readonly stream: T; readonly bytes: Uint8Array[]; readonly lsns: Lsn[] } {
  const stream = random.of(streams);
  const from = random.below(stream.messages.length);
  const messages = stream.messages.slice(from, from + 1 + random.below(most));
  return {
    stream,
    bytes: messages.map(({ bytes }) => bytes),
    lsns: messages.map(({ lsn }) => lsn),
  };
}

/** Each different value in binary form, with its type; few of each type, so that no type is drowned. */
function binaryValues(stream: RecordedStream): BinaryValue[] {
  const scanner = new MessageScanner();
  const relations = new Map<number, Relation>();
  const seen = new Map<number, Set<string>>();
  const values: BinaryValue[] = [];
  for (const { bytes } of stream.messages) {
    scanner.scan(bytes, 0, bytes.length);
    const message = decodeMessage(new ByteReader(bytes), scanner.inStream);
    if (message.kind === 'relation') relations.set(message.relation.oid, message.relation);
    if (message.kind !== 'insert') continue;
    relations.get(message.relationOid)?.columns.forEach(({ typeOid }, i) => {
      if (tupleState(message.new, i) !== 'binary') return;
      const value = tupleBytes(message.new, i);
      const known = seen.get(typeOid) ?? new Set();
      seen.set(typeOid, known);
      const key = Buffer.from(value).toString('latin1');
      if (known.size >= MOST_OF_A_TYPE || known.has(key)) return;
      known.add(key);
      values.push({ oid: typeOid, bytes: value.slice() });
    });
  }
  return values;
}

const MOST_OF_A_TYPE = 20;
