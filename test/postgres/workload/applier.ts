import { Client } from 'pg';
import type { QueryResult } from 'pg';
import type { DecodedEvent, DecodedTransaction } from './decodedFile';
import { identifier, literal } from './sqlText';

type Row = Readonly<Record<string, string | null>>;

/** What the copy's own catalog says of a table. */
interface Target {
  /** Columns that can be written, in their order. */
  readonly columns: readonly string[];
  /** Columns that can only be written at an insert. */
  readonly always: ReadonlySet<string>;
  /** Columns of the replica identity's index; undefined where the whole row is the identity. */
  readonly key: readonly string[] | undefined;
}

const TARGET = `
  select a.attname, a.attidentity = 'a' as always, c.relreplident = 'f' as whole,
         coalesce(a.attnum = any(i.indkey), false) as key
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index i on i.indrelid = c.oid
         and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident else false end
   where n.nspname = $1 and c.relname = $2 and a.attgenerated = ''
   order by a.attnum`;

/** A statement, and how many rows it must have touched; undefined where that is not said. */
interface Statement {
  readonly sql: string;
  readonly rows: number | undefined;
}

/**
 * Writes decoded transactions to a copy of the tables, from nothing but the events, and insists that each
 * finds exactly the row it speaks of.
 */
export class Applier {
  readonly #targets = new Map<string, Target>();
  readonly #pending: Statement[] = [];
  changes = 0;

  private constructor(readonly client: Client) {}

  static async open(url: string): Promise<Applier> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`set timezone = 'UTC'; set extra_float_digits = 3`);
    return new Applier(client);
  }

  async apply(transaction: DecodedTransaction): Promise<void> {
    this.#pending.push({ sql: 'begin', rows: undefined });
    for (const event of transaction.events) {
      if (event.kind === 'message') {
        if (event.prefix !== 'ddl') continue;
        this.#pending.push({ sql: event.content!, rows: undefined });
        await this.#flush();
        this.#targets.clear();
        continue;
      }
      this.changes++;
      this.#pending.push(await this.#statement(event));
      if (this.#pending.length >= 200) await this.#flush();
    }
    this.#pending.push({ sql: 'commit', rows: undefined });
    await this.#flush();
  }

  async end(): Promise<void> {
    await this.client.end();
  }

  async #statement(event: DecodedEvent): Promise<Statement> {
    if (event.kind === 'truncate') {
      const names = event.relations!.map(
        ({ schema, table }) => `${identifier(schema)}.${identifier(table)}`,
      );
      const rest = event.restartIdentity === true ? ' restart identity' : '';
      return { sql: `truncate ${names.join(', ')}${rest}`, rows: undefined };
    }
    if (event.encoding !== undefined) throw new Error(`not text: ${JSON.stringify(event)}`);
    const table = `${identifier(event.schema!)}.${identifier(event.table!)}`;
    const target = await this.#target(event.schema!, event.table!);
    const row = event.new ?? {};
    if (event.kind === 'insert') {
      const columns = target.columns.filter(name => Object.hasOwn(row, name));
      const values = columns.map(name => literal(row[name] ?? null));
      const names = columns.map(identifier);
      const sql =
        columns.length === 0
          ? `insert into ${table} default values`
          : `insert into ${table} (${names.join(', ')}) overriding system value values (${values.join(', ')})`;
      return { sql, rows: 1 };
    }
    // Of an old row that is NULL in every column, test_decoding tells nothing.
    const old = event.old ?? event.key ?? (target.key === undefined ? {} : row);
    const where =
      `(tableoid, ctid) in (select tableoid, ctid from ${table} ` +
      `where ${matching(target, old).join(' and ')} limit 1)`;
    if (event.kind === 'delete') return { sql: `delete from ${table} where ${where}`, rows: 1 };
    const left = new Set(event.unchanged ?? []);
    const sets = target.columns
      .filter(name => !target.always.has(name) && !left.has(name))
      .map(name => {
        if (!Object.hasOwn(row, name))
          throw new Error(`${name} is missing in ${JSON.stringify(event)}`);
        return `${identifier(name)} = ${literal(row[name] ?? null)}`;
      });
    return { sql: `update ${table} set ${sets.join(', ')} where ${where}`, rows: 1 };
  }

  async #target(schema: string, table: string): Promise<Target> {
    const id = JSON.stringify([schema, table]);
    const known = this.#targets.get(id);
    if (known !== undefined) return known;
    await this.#flush();
    const { rows } = await this.client.query<{
      readonly attname: string;
      readonly always: boolean;
      readonly whole: boolean;
      readonly key: boolean;
    }>(TARGET, [schema, table]);
    if (rows.length === 0) throw new Error(`The copy has no table ${id}.`);
    const target: Target = {
      columns: rows.map(({ attname }) => attname),
      always: new Set(rows.filter(({ always }) => always).map(({ attname }) => attname)),
      key: rows[0]!.whole ? undefined : rows.filter(({ key }) => key).map(({ attname }) => attname),
    };
    this.#targets.set(id, target);
    return target;
  }

  async #flush(): Promise<void> {
    const statements = this.#pending.splice(0);
    if (statements.length === 0) return;
    const sql = statements.map(statement => statement.sql).join(';\n');
    const result = (await this.client.query(sql).catch((error: unknown) => {
      throw new Error(`${String(error)}\nin one of: ${sql.slice(0, 4000)}`, { cause: error });
    })) as QueryResult | QueryResult[];
    const results = Array.isArray(result) ? result : [result];
    if (results.length !== statements.length)
      throw new Error(`not ${String(results.length)}: ${sql}`);
    for (const [n, { sql, rows }] of statements.entries()) {
      const touched = results[n]?.rowCount;
      if (rows !== undefined && touched !== rows) {
        throw new Error(
          `touched ${String(touched)} rows, not ${String(rows)}: ${sql.slice(0, 300)} ... ${sql.slice(-3000)}`,
        );
      }
    }
  }
}

/** Conditions that find the row with these old values. */
function matching(target: Target, old: Row): string[] {
  if (target.key !== undefined) {
    if (target.key.length === 0) throw new Error('a change of a table without a key');
    return target.key.map(name => `${identifier(name)} = ${literal(old[name] ?? null)}`);
  }
  // Not every type can be compared, but every one has a text. Equal rows are as good as one another.
  return target.columns.map(name => {
    const column = identifier(name);
    const value = old[name] ?? null;
    return value === null
      ? `num_nulls(${column}) = 1`
      : `(num_nulls(${column}) = 0 and concat(${column}) = ${literal(value)})`;
  });
}
