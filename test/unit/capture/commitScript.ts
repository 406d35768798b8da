import fc from 'fast-check';
import type { Lsn } from '../../../src/base/lsn';
import { gapFrame } from '../../../src/capture/frame';
import type { OverviewSeries } from '../../../src/shared/overviewApi';
import { rollbackPrepared } from '../logical/messageBuilder';
import { message, xlogData } from './pgoutputBytes';

const COLUMNS = [{ name: 'id', key: true }];
const TABLES = [16384, 16385, 16386];
/** Of all frames that `xlogData` makes. */
const CLOCK = 1;
const OPERATIONS = ['insert', 'update', 'delete', 'message'] as const;

export type Step =
  | { readonly kind: 'plain' | 'prepare'; readonly changes: readonly number[] }
  | { readonly kind: 'block'; readonly xid: number; readonly changes: readonly number[] }
  | { readonly kind: 'end'; readonly xid: number; readonly abort: boolean }
  | { readonly kind: 'resolve'; readonly abort: boolean }
  | { readonly kind: 'message' | 'gap' }
  /** Nothing is written for so many microseconds, and so many bytes of WAL are of no interest. */
  | { readonly kind: 'quiet'; readonly time: number; readonly wal: number };

const changesArb = fc.array(fc.nat({ max: 11 }), { maxLength: 8 });
const xidArb = fc.integer({ min: 900, max: 902 });

export const stepArb: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('plain' as const), changes: changesArb }) },
  fc.record({ kind: fc.constant('prepare' as const), changes: changesArb }),
  fc.record({ kind: fc.constant('block' as const), xid: xidArb, changes: changesArb }),
  fc.record({ kind: fc.constant('end' as const), xid: xidArb, abort: fc.boolean() }),
  fc.record({ kind: fc.constant('resolve' as const), abort: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('message' as const, 'gap' as const) }),
  fc.record({
    kind: fc.constant('quiet' as const),
    time: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 3_000_000_000 })),
    wal: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 2_000_000_000 })),
  }),
);

/** What a frame means, in words that know nothing of an index. */
export type Meaning =
  | { readonly what: 'change'; readonly transaction: number; readonly counted: Counted }
  | { readonly what: 'outside'; readonly counted: Counted; readonly lsn: number }
  | {
      readonly what: 'commit';
      readonly transaction: number;
      readonly time: number;
      readonly lsn: number;
    }
  | { readonly what: 'drop'; readonly transaction: number }
  | { readonly what: 'gap' }
  | { readonly what: 'nothing' };

export interface Counted {
  readonly series: OverviewSeries;
  /** Empty for a logical message. */
  readonly table: string;
  readonly bytes: number;
}

export interface Scripted {
  readonly frame: Uint8Array;
  readonly meaning: Meaning;
}

/** Makes the frames of a random capture, and says of each what it means. */
export function script(steps: readonly Step[]): Scripted[] {
  const out: Scripted[] = [];
  let lsn = 1000n;
  let time = 5_000_000n;
  let nextXid = 10_000;
  const streamed = new Map<number, number>();
  const prepared: { readonly transaction: number; readonly xid: number }[] = [];
  let transactions = 0;
  const described = new Set<string>();
  const put = (bytes: Uint8Array, meaning: Meaning = { what: 'nothing' }): void => {
    out.push({ frame: xlogData(lsn, bytes), meaning });
    lsn += 8n;
  };
  const change = (code: number, transaction: number, xid?: number): void => {
    const oid = TABLES[code % 3]!;
    const table = `public.t${String(oid)}`;
    const series = OPERATIONS[Math.floor(code / 3)]!;
    const scope = `${String(oid)} ${String(xid ?? 0)}`;
    if (series !== 'message' && !described.has(scope)) {
      described.add(scope);
      put(message.relation(oid, 'public', `t${String(oid)}`, COLUMNS, 'd', xid));
    }
    const bytes =
      series === 'insert'
        ? message.insert(oid, ['1'], xid)
        : series === 'update'
          ? message.update(oid, ['1234'], undefined, xid)
          : series === 'delete'
            ? message.delete(oid, 'K', ['12'], xid)
            : message.logical(true, lsn, 'p', 'text', xid);
    const counted = {
      series,
      table: series === 'message' ? '' : table,
      bytes: bytes.length + 25,
    };
    put(bytes, { what: 'change', transaction, counted });
  };
  const commit = (transaction: number): Meaning => ({
    what: 'commit',
    transaction,
    time: Number(time),
    lsn: Number(lsn),
  });
  for (const step of steps) {
    time += 3n;
    switch (step.kind) {
      case 'plain': {
        const transaction = transactions++;
        const length = BigInt(step.changes.length) * 16n + 8n;
        put(message.begin(lsn + length, time, nextXid++));
        for (const code of step.changes) change(code, transaction);
        put(message.commit(lsn, lsn + 8n, time), commit(transaction));
        break;
      }
      case 'prepare': {
        const transaction = transactions++;
        const xid = nextXid++;
        const at = { xid, lsn, endLsn: lsn + 8n, time, gid: `g${String(xid)}` };
        put(message.beginPrepare(at));
        for (const code of step.changes) change(code, transaction);
        put(message.prepare({ ...at, lsn }));
        prepared.push({ transaction, xid });
        break;
      }
      case 'resolve': {
        const found = prepared.shift();
        if (found === undefined) break;
        const { transaction, xid } = found;
        const gid = `g${String(xid)}`;
        if (step.abort) {
          const ends = { prepareEndLsn: lsn, rollbackEndLsn: lsn + 8n };
          const bytes = rollbackPrepared({
            xid,
            ...ends,
            prepareTime: time,
            rollbackTime: time,
            gid,
          });
          put(bytes, { what: 'drop', transaction });
        } else {
          put(
            message.commitPrepared({ xid, lsn, endLsn: lsn + 8n, time, gid }),
            commit(transaction),
          );
        }
        break;
      }
      case 'block': {
        const first = !streamed.has(step.xid);
        if (first) streamed.set(step.xid, transactions++);
        const transaction = streamed.get(step.xid)!;
        put(message.streamStart(step.xid, first));
        for (const code of step.changes) change(code, transaction, step.xid);
        put(message.streamStop());
        break;
      }
      case 'end': {
        const transaction = streamed.get(step.xid);
        if (transaction === undefined) break;
        streamed.delete(step.xid);
        for (const oid of TABLES) described.delete(`${String(oid)} ${String(step.xid)}`);
        if (step.abort) {
          put(message.streamAbort(step.xid, step.xid), { what: 'drop', transaction });
        } else {
          put(message.streamCommit(step.xid, lsn, lsn + 8n, time), commit(transaction));
        }
        break;
      }
      case 'message': {
        const bytes = message.logical(false, lsn, 'p', 'outside');
        const counted = { series: 'message', table: '', bytes: bytes.length + 25 } as const;
        put(bytes, { what: 'outside', counted, lsn: Number(lsn) });
        break;
      }
      case 'gap': {
        const [from, to] = [lsn as Lsn, (lsn + 64n) as Lsn];
        out.push({ frame: gapFrame({ from, to, reason: 'lost' }), meaning: { what: 'gap' } });
        lsn += 64n;
        // What was being streamed comes from its beginning, as another transaction, or never.
        streamed.clear();
        described.clear();
        break;
      }
      case 'quiet':
        time += BigInt(step.time);
        lsn += BigInt(step.wal);
        break;
    }
  }
  return out;
}

/** A change with where it was committed; undefined: it is not. */
export interface Placed extends Counted {
  readonly seq: number;
  readonly transaction: number;
  readonly time: number | undefined;
  readonly lsn: number | undefined;
  readonly dropped: boolean;
}

/** Where each change stands after so many frames, found by going through all of them. */
export function placesAfter(frames: readonly Scripted[]): Placed[] {
  const placed: Placed[] = [];
  frames.forEach(({ meaning }, seq) => {
    if (meaning.what === 'outside') {
      const { lsn, counted } = meaning;
      placed.push({ ...counted, seq, transaction: -1, time: CLOCK, lsn, dropped: false });
    }
    if (meaning.what !== 'change') return;
    const { transaction, counted } = meaning;
    const end = frames.find(
      ({ meaning: m }) =>
        (m.what === 'commit' || m.what === 'drop') && m.transaction === transaction,
    )?.meaning;
    const committed = end?.what === 'commit' ? end : undefined;
    placed.push({
      ...counted,
      seq,
      transaction,
      time: committed?.time,
      lsn: committed?.lsn,
      dropped: end?.what === 'drop',
    });
  });
  return placed;
}
