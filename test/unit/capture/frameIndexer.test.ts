import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../../src/base/byteReader';
import type { IndexerState } from '../../../src/capture/indexerState';
import { FrameIndexer } from '../../../src/capture/frameIndexer';
import { gapFrame, seamFrame } from '../../../src/capture/frame';
import { IndexChunk, NONE } from '../../../src/capture/indexChunk';
import { TransactionChunk } from '../../../src/capture/transactionChunk';
import { toLsn } from '../../../src/base/lsn';
import { decodeMessage } from '../../../src/logical/pgoutput/decodeMessage';
import { MessageScanner } from '../../../src/logical/pgoutput/messageScanner';
import type { Relation } from '../../../src/logical/relation';
import { RelationCache } from '../../../src/logical/relationCache';
import * as build from '../logical/messageBuilder';
import { xlogData } from './pgoutputBytes';

/** Unsigned 32 bits to their end, so that a sign shows. */
const XIDS = [7, 0x8000_0001, 0xffff_fffe];
const OIDS = [16_384, 0xffff_fff0];

const xidArb = fc.constantFrom(...XIDS);
const contentArb = fc.record({
  oid: fc.constantFrom(...OIDS),
  /** Columns of a Relation message; 0 for an insert. */
  columns: fc.integer({ min: 0, max: 2 }),
  /** Added to the top xid. */
  sub: fc.integer({ min: 0, max: 1 }),
});
const contentsArb = fc.array(contentArb, { maxLength: 4 });
const positions = { lsn: 5n, endLsn: 6n, time: -1n, gid: 'g' };

/** What a server could send, and some of what it could not: ends without a beginning, a block left open. */
const partArb: fc.Arbitrary<readonly Uint8Array[]> = fc.oneof(
  fc
    .tuple(xidArb, contentsArb, fc.boolean())
    .map(([xid, contents, ended]) => [
      build.begin({ xid, finalLsn: 1n << 63n, time: 3n }),
      ...contents.map(c => content(c)),
      ...(ended
        ? [build.commit({ commitLsn: 1n << 63n, endLsn: (1n << 63n) + 9n, time: 3n })]
        : []),
    ]),
  fc
    .tuple(xidArb, contentsArb, fc.boolean())
    .map(([xid, contents, first]) => [
      build.streamStart({ xid, first }),
      ...contents.map(c => content(c, xid)),
      build.streamStop(),
    ]),
  xidArb.map(xid => [build.streamCommit({ xid, commitLsn: 1n, endLsn: 2n, time: 3n })]),
  fc
    .tuple(xidArb, fc.integer({ min: 0, max: 1 }), fc.boolean())
    .map(([xid, sub, parallel]) => [
      build.streamAbort({ xid, subxid: xid + sub, ...(parallel ? { lsn: 4n, time: 5n } : {}) }),
    ]),
  xidArb.map(xid => [build.streamPrepare({ ...positions, xid })]),
  fc
    .tuple(xidArb, contentsArb)
    .map(([xid, contents]) => [
      build.beginPrepare({ ...positions, xid }),
      ...contents.map(c => content(c)),
      build.prepare({ ...positions, xid }),
    ]),
  xidArb.map(xid => [build.commitPrepared({ ...positions, xid })]),
  fc
    .boolean()
    .map(transactional => [
      build.message({ transactional, lsn: 1n, prefix: 'p', content: Uint8Array.of(1) }),
    ]),
  fc.constant([gapFrame({ from: toLsn(1n), to: toLsn(2n), reason: 'lost' })]),
  fc.constant([seamFrame({ after: toLsn(1n) })]),
);

function content(c: { oid: number; columns: number; sub: number }, top?: number): Uint8Array {
  const { oid } = c;
  const block = top === undefined ? {} : { xid: top + c.sub };
  if (c.columns === 0) return build.insert({ oid, row: ['1'], ...block });
  const columns = Array.from({ length: c.columns }, (_, i) => ({ name: `c${String(i)}` }));
  return build.relation({ oid, name: 't', columns, ...block });
}

const isOwn = (message: Uint8Array) => 'GJ'.includes(String.fromCharCode(message[0] ?? 0));
const messagesArb = fc.array(partArb, { maxLength: 12 }).map(parts => parts.flat());

/** Takes messages, the first of them at position `at`. */
function feed(indexer: FrameIndexer, messages: readonly Uint8Array[], at: number): void {
  messages.forEach((message, i) => {
    const frame = isOwn(message) ? message : xlogData(BigInt(at + i), message);
    indexer.add(frame, 0, frame.length, frame.length, 1000 * (at + i));
  });
}

const newIndexer = () => new FrameIndexer('pgoutput', () => undefined);

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(pieces));
}

/** Makes another indexer of what a file would hold of this one. */
function reopened(indexer: FrameIndexer): FrameIndexer {
  const state = JSON.parse(JSON.stringify(indexer.state())) as IndexerState;
  const copy = newIndexer();
  copy.relations.restore(joined(indexer.relations.encode(0)));
  const chunks = indexer.transactions
    .takeDirty()
    .map(chunk => TransactionChunk.decode(joined(chunk.encode())));
  for (const chunk of chunks) {
    chunk.open = indexer.transactions.resident(chunk.number)?.open ?? 0;
  }
  copy.transactions.restore(state.transactions, chunks);
  copy.restore(state, IndexChunk.decode(joined(indexer.tail.encode())));
  return copy;
}

/** The state of an indexer, in an order that does not depend on how it came about. */
function stateOf(indexer: FrameIndexer): IndexerState {
  const state = indexer.state();
  const current = [...state.relations.current].sort(([a], [b]) => a - b);
  return { ...state, relations: { ...state.relations, current } };
}

const summary = (indexer: FrameIndexer) => ({
  state: stateOf(indexer),
  open: indexer.openTransactions,
  relations: joined(indexer.relations.encode(0)),
  tail: joined(indexer.tail.encode()),
  transactions: joined(indexer.transactions.resident(0)?.encode() ?? []),
  openInChunk: indexer.transactions.resident(0)?.open ?? 0,
});

describe('the frame indexer', () => {
  it('goes on from what a directory kept as if it had never stopped', () => {
    fc.assert(
      fc.property(messagesArb, fc.nat(), (messages, seed) => {
        const cut = messages.length === 0 ? 0 : seed % (messages.length + 1);
        const straight = newIndexer();
        feed(straight, messages, 0);
        const first = newIndexer();
        feed(first, messages.slice(0, cut), 0);
        const second = reopened(first);
        feed(second, messages.slice(cut), cut);
        expect(summary(second)).toEqual(summary(straight));
      }),
      { numRuns: 500 },
    );
  });

  it('gives each change the description of its table that the decoder uses', () => {
    fc.assert(
      fc.property(messagesArb, messages => {
        const plain = messages.filter(message => !isOwn(message));
        const indexer = newIndexer();
        feed(indexer, plain, 0);
        relationsByDecoder(plain).forEach((expected, seq) => {
          const version = indexer.tail.relation[seq]!;
          const bytes = version === NONE ? undefined : indexer.relations.get(version)?.message;
          const found = bytes && decodeMessage(new ByteReader(bytes), false);
          expect(found?.kind === 'relation' ? found.relation : undefined).toEqual(expected);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('counts a transaction as open until its end', () => {
    fc.assert(
      fc.property(messagesArb, messages => {
        const indexer = newIndexer();
        feed(indexer, messages, 0);
        const chunk = indexer.transactions.resident(0);
        expect(chunk?.open ?? 0).toBe(indexer.openTransactions);
      }),
      { numRuns: 500 },
    );
  });
});

/** For each message that names a table: its description as the rules of the stream have it. */
function relationsByDecoder(messages: readonly Uint8Array[]): (Relation | undefined)[] {
  const scanner = new MessageScanner();
  const cache = new RelationCache();
  return messages.map(bytes => {
    scanner.scan(bytes, 0, bytes.length);
    const { inStream, topXid, xid, relationOid } = scanner;
    const message = decodeMessage(new ByteReader(bytes), inStream);
    const scope = inStream ? topXid : 0;
    if (message.kind === 'relation') cache.add(message.relation, scope);
    if (message.kind === 'streamStart' && message.firstSegment) cache.dropStream(topXid);
    if (message.kind === 'streamCommit') cache.commitStream(topXid);
    if (message.kind === 'streamPrepare') cache.dropStream(topXid);
    if (message.kind === 'streamAbort' && xid === topXid) cache.dropStream(topXid);
    return relationOid === 0 ? undefined : cache.get(relationOid, scope)?.relation;
  });
}
