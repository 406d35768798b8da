import { createReadStream } from 'node:fs';
import readline from 'node:readline';
import type { DecodedEvent } from '../workload/decodedFile';

/** A transaction as both sides are brought to: its number and a line for each change, in order. */
export interface CanonicalTransaction {
  readonly xid: number;
  readonly changes: readonly string[];
}

export interface CanonicalGap {
  readonly from: bigint;
  readonly to: bigint;
}

type Values = readonly (readonly [string, string | null | undefined])[];

/** A change's line; undefined stands for a value that is stored out of line and was left as it is. */
function line(kind: string, table: string, old: Values, row: Values): string {
  const text = (values: Values): string =>
    values
      .map(
        ([name, value]) => `${name}=${value === undefined ? '(unchanged)' : JSON.stringify(value)}`,
      )
      .join(' ');
  return `${kind} ${table} [${text(old)}] [${text(row)}]`;
}

/** What `pgwal` wrote, assembled. Anything but whole transactions, gaps and descriptions is an error. */
export async function readPrinted(file: string): Promise<{
  readonly transactions: readonly CanonicalTransaction[];
  readonly gaps: readonly CanonicalGap[];
}> {
  const transactions: CanonicalTransaction[] = [];
  const gaps: CanonicalGap[] = [];
  let lines = 0;
  /** Everything that ends up to here has come. */
  let position = 0n;
  let open: { readonly xid: number; readonly changes: string[] } | undefined;
  for await (const text of readline.createInterface({ input: createReadStream(file) })) {
    const event = JSON.parse(text) as DecodedEvent & {
      readonly from?: string;
      readonly to?: string;
    };
    lines++;
    switch (event.kind) {
      case 'relation':
      case 'type':
        break;
      case 'source':
        // What the file is of, said once.
        if (lines !== 1) throw new Error(`a second beginning of the file: ${text}`);
        break;
      case 'position':
        if (open !== undefined) throw new Error(`a position inside a transaction: ${text}`);
        position = lsnOf(event.lsn);
        break;
      case 'gap':
        // What was open has no end and comes nowhere: the gap is what is missing of it too.
        open = undefined;
        gaps.push({ from: lsnOf(event.from!), to: lsnOf(event.to!) });
        break;
      case 'begin':
        if (open !== undefined) throw new Error(`a begin inside a transaction: ${text}`);
        open = { xid: event.xid!, changes: [] };
        break;
      case 'commit':
        if (open?.xid !== event.xid) throw new Error(`a commit without its begin: ${text}`);
        if (lsnOf(event.endLsn!) <= position) throw new Error(`it had come already: ${text}`);
        transactions.push(open!);
        open = undefined;
        break;
      case 'message':
        open?.changes.push(`MESSAGE ${event.prefix!} ${event.content!}`);
        break;
      case 'insert':
      case 'update':
      case 'delete':
        if (open === undefined) throw new Error(`a change outside a transaction: ${text}`);
        open.changes.push(lineOfEvent(event));
        break;
      default:
        throw new Error(`what is this doing here: ${text}`);
    }
  }
  if (open !== undefined) throw new Error(`a transaction without a commit: ${String(open.xid)}`);
  // Postgres 14 sends transactions that changed nothing.
  return { transactions: transactions.filter(({ changes }) => changes.length > 0), gaps };
}

function lineOfEvent(event: DecodedEvent): string {
  // test_decoding leaves out what is NULL in old rows.
  const old = Object.entries(event.key ?? event.old ?? {}).filter(([, value]) => value !== null);
  const row: [string, string | null | undefined][] = Object.entries(event.new ?? {});
  for (const name of event.unchanged ?? []) row.push([name, undefined]);
  return line(event.kind.toUpperCase(), event.table!, old, row);
}

const COLUMN = /"?(\w+)"?\[\w+\]:(?:'((?:[^']|'')*)'|(\S+))/g;

function valuesOf(text: string): Values {
  return [...text.matchAll(COLUMN)].map(([, name = '', quoted, bare]) => [
    name,
    quoted?.replaceAll("''", "'") ??
      (bare === 'null' ? null : bare === 'unchanged-toast-datum' ? undefined : bare),
  ]);
}

/** What test_decoding wrote, one line after another, by whatever tool; nothing of ours reads it. */
export async function readTestDecoding(file: string): Promise<CanonicalTransaction[]> {
  const transactions: CanonicalTransaction[] = [];
  let open: { readonly xid: number; readonly changes: string[] } | undefined;
  for await (const text of readline.createInterface({ input: createReadStream(file) })) {
    const begin = /^BEGIN (\d+)$/.exec(text);
    const commit = /^COMMIT (\d+)$/.exec(text);
    const message = /^message: transactional: 1 prefix: (\w+), sz: \d+ content:(.*)$/.exec(text);
    const change = /^table public\.(\w+): (INSERT|UPDATE|DELETE): (.*)$/.exec(text);
    if (begin !== null) open = { xid: Number(begin[1]), changes: [] };
    else if (commit !== null && open?.xid === Number(commit[1])) {
      transactions.push(open);
      open = undefined;
    } else if (message !== null) open?.changes.push(`MESSAGE ${message[1]!} ${message[2]!}`);
    else if (change !== null) open?.changes.push(lineOfText(change[1]!, change[2]!, change[3]!));
    else throw new Error(`test_decoding wrote what is not understood here: ${text}`);
  }
  return transactions.filter(({ changes }) => changes.length > 0);
}

function lineOfText(table: string, kind: string, rest: string): string {
  const both = /^old-key: (.*) new-tuple: (.*)$/.exec(rest);
  if (both !== null) return line(kind, table, valuesOf(both[1]!), valuesOf(both[2]!));
  return kind === 'DELETE'
    ? line(kind, table, valuesOf(rest), [])
    : line(kind, table, [], valuesOf(rest));
}

export function lsnOf(text: string): bigint {
  const [high = '', low = ''] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
