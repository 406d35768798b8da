import type { Scene } from './scene';

/** Column names to Postgres's text of their values. */
export type Values = Readonly<Record<string, string | null>>;

/** A change as the `test_decoding` plugin of the server itself tells it. */
export interface DecodedChange {
  readonly kind: 'insert' | 'update' | 'delete';
  readonly lsn: string;
  readonly xid: number;
  readonly schema: string;
  readonly table: string;
  /** The old key, where the server tells one. */
  readonly key?: Values;
  readonly new?: Values;
}

/** A transaction in the order of commits. */
export interface DecodedTransaction {
  readonly xid: number;
  /** Behind its commit record: where a slot stands that has confirmed it. */
  readonly endLsn: string;
  readonly changes: readonly DecodedChange[];
}

const LINE = /^table (\w+)\.(\w+): (INSERT|UPDATE|DELETE): (.*)$/s;
const COLUMN = /(\w+)\[[^\]]+\]:(?:'((?:[^']|'')*)'|(\S+))/gs;

function valuesOf(text: string): Values {
  const values: Record<string, string | null> = {};
  for (const [, name = '', quoted, plain = ''] of text.matchAll(COLUMN)) {
    values[name] = quoted?.replaceAll("''", "'") ?? (plain === 'null' ? null : plain);
  }
  return values;
}

function changeOf(lsn: string, xid: number, data: string): DecodedChange {
  const [, schema = '', table = '', word = '', rest = ''] = LINE.exec(data) ?? [];
  const place = { lsn, xid, schema, table };
  const { before, after } =
    /^old-key: (?<before>.*) new-tuple: (?<after>.*)$/s.exec(rest)?.groups ?? {};
  switch (word) {
    case 'INSERT':
      return { kind: 'insert', ...place, new: valuesOf(rest) };
    case 'DELETE':
      return { kind: 'delete', ...place, key: valuesOf(rest) };
    case 'UPDATE':
      return before === undefined || after === undefined
        ? { kind: 'update', ...place, new: valuesOf(rest) }
        : { kind: 'update', ...place, key: valuesOf(before), new: valuesOf(after) };
    default:
      throw new Error(`test_decoding wrote what is not understood here: ${data}`);
  }
}

/** What a slot of the plugin `test_decoding` has pending, decoded by the server alone. */
export async function decodeIndependently(
  scene: Scene,
  slot: string,
): Promise<readonly DecodedTransaction[]> {
  const lines = await scene.sql(
    `SELECT lsn::text, xid::text, data FROM pg_logical_slot_peek_changes('${slot}', NULL, NULL)`,
  );
  const transactions: DecodedTransaction[] = [];
  let changes: DecodedChange[] = [];
  for (const line of lines) {
    const lsn = line['lsn'] ?? '';
    const xid = Number(line['xid']);
    const data = line['data'] ?? '';
    if (data.startsWith('BEGIN')) changes = [];
    else if (data.startsWith('COMMIT')) transactions.push({ xid, endLsn: lsn, changes });
    else changes.push(changeOf(lsn, xid, data));
  }
  // Catalog changes, such as that of CREATE PUBLICATION, are transactions without any change.
  return transactions.filter(transaction => transaction.changes.length > 0);
}
