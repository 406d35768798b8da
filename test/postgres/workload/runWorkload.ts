import type { AdminSession } from '../../../scripts/postgres/adminSession';
import type { Cluster } from '../../../scripts/postgres/cluster';
import type { Draw } from './draw';
import { literal } from './sqlText';
import { Statements } from './statements';
import { drawTableChange } from './tableChanges';
import type { Table } from './tableModel';
import { nameOf } from './tableModel';

/** A transaction that was committed, as the one who wrote it knows it. */
export interface Committed {
  readonly xid: number;
  /** It holds a message of its own at least, so it must be decoded; others may have changed nothing. */
  readonly marked: boolean;
}

/** What a run did, in the order of commits. */
export interface WorkloadResult {
  readonly committed: readonly Committed[];
  /** Contents of the messages that belong to no transaction, in their order. */
  readonly loose: readonly string[];
  /** Contents of messages that were rolled back with their subtransaction. */
  readonly rolledBack: ReadonlySet<string>;
  readonly counts: Readonly<Record<string, number>>;
}

interface OpenTransaction {
  readonly savepoints: { readonly name: string; readonly messages: string[] }[];
  /** Messages outside of any savepoint that is still open. */
  readonly messages: string[];
}

interface Writer {
  readonly session: AdminSession;
  open: OpenTransaction | undefined;
}

const SESSION_SETTINGS = `set lock_timeout = '40ms'; set timezone = 'UTC'; set extra_float_digits = 3`;

/**
 * Writes random transactions in several sessions whose statements interleave, one statement at a time: so the
 * order of commits is known. What fails (a lock that somebody has, a key that is there) is rolled back,
 * as it is by applications.
 */
export class Workload {
  readonly #statements: Statements;
  readonly #committed: Committed[] = [];
  readonly #loose: string[] = [];
  readonly #rolledBack = new Set<string>();
  readonly #counts: Record<string, number> = {};
  readonly #prepared: {
    readonly gid: string;
    readonly xid: number | undefined;
    readonly marked: boolean;
  }[] = [];
  #writers: Writer[] = [];
  #tables: Table[];
  #number = 1000;

  constructor(
    readonly cluster: Cluster,
    readonly database: string,
    readonly draw: Draw,
    tables: readonly Table[],
  ) {
    this.#tables = [...tables];
    this.#statements = new Statements(draw, cluster.options.major);
  }

  async run(steps: number): Promise<WorkloadResult> {
    try {
      for (let n = 0; n < 3; n++) {
        const session = await this.cluster.openAdmin(this.database, 'workload');
        await session.query(SESSION_SETTINGS);
        this.#writers.push({ session, open: undefined });
      }
      for (let n = 0; n < steps; n++) await this.#step();
      for (const writer of this.#writers) await this.#end(writer);
      while (this.#prepared.length > 0) await this.#endPrepared();
    } finally {
      for (const { session } of this.#writers.splice(0)) await session.end();
    }
    return {
      committed: this.#committed,
      loose: this.#loose,
      rolledBack: this.#rolledBack,
      counts: this.#counts,
    };
  }

  async #step(): Promise<void> {
    const writer = this.draw.pick(this.#writers);
    if (writer.open === undefined) {
      const what = this.draw.weighted({ begin: 70, table: 8, prepared: 12, single: 10 });
      if (what === 'table') return this.#changeTable(writer.session);
      if (what === 'prepared') return this.#endPrepared();
      await this.#begin(writer);
      if (what === 'single') {
        await this.#write(writer);
        await this.#commit(writer);
      }
      return;
    }
    const what = this.draw.weighted({
      write: 60,
      large: 5,
      savepoint: 10,
      rollbackTo: writer.open.savepoints.length > 0 ? 10 : 0,
      release: writer.open.savepoints.length > 0 ? 4 : 0,
      message: 6,
      loose: 3,
      truncate: 1,
      undoneTable: 2,
      end: 20,
    });
    switch (what) {
      case 'write':
        return this.#write(writer);
      case 'large':
        return this.#try(writer, this.#statements.large(this.#table()), 'large');
      case 'savepoint': {
        const name = `s${String(writer.open.savepoints.length)}`;
        if (await this.#succeeds(writer, `savepoint ${name}`)) {
          writer.open.savepoints.push({ name, messages: [] });
        }
        return;
      }
      case 'rollbackTo':
        return this.#rollbackTo(writer, this.draw.pick(writer.open.savepoints).name);
      case 'release': {
        const last = writer.open.savepoints.pop()!;
        // What it wrote belongs to the one around it now.
        (writer.open.savepoints.at(-1) ?? writer.open).messages.push(...last.messages);
        return this.#try(writer, `release ${last.name}`, 'release');
      }
      case 'message':
        return this.#message(writer);
      case 'loose': {
        const content = `loose ${String(this.#number++)}`;
        await writer.session.query(
          `select pg_logical_emit_message(false, 'loose', ${literal(content)})`,
        );
        this.#loose.push(content);
        return;
      }
      case 'truncate': {
        const names = new Set([nameOf(this.#table()), nameOf(this.#table())]);
        const rest = this.draw.pick(['', ' restart identity', ' cascade']);
        return this.#try(writer, `truncate ${[...names].join(', ')}${rest}`, 'truncate');
      }
      case 'undoneTable':
        return this.#undoneTable(writer);
      case 'end':
        return this.#end(writer);
    }
  }

  #table(): Table {
    return this.draw.pick(this.#tables);
  }

  #count(what: string): void {
    this.#counts[what] = (this.#counts[what] ?? 0) + 1;
  }

  async #begin(writer: Writer): Promise<void> {
    const level = this.draw.weighted({ 'read committed': 8, 'repeatable read': 2 });
    await writer.session.query(`begin isolation level ${level}`);
    writer.open = { savepoints: [], messages: [] };
  }

  #write(writer: Writer): Promise<void> {
    return this.#try(writer, this.#statements.small(this.#table()), 'write');
  }

  async #message(writer: Writer): Promise<void> {
    const { open } = writer;
    const content = `message ${String(this.#number++)} 'ü\n`;
    const size = this.draw.chance(10) ? ` || repeat('x', 20000)` : '';
    const sql = `select pg_logical_emit_message(true, 'app', ${literal(content)}${size})`;
    if (open !== undefined && (await this.#succeeds(writer, sql))) {
      (open.savepoints.at(-1) ?? open).messages.push(content);
    }
  }

  async #succeeds(writer: Writer, sql: string): Promise<boolean> {
    try {
      await writer.session.query(sql);
      return true;
    } catch (error) {
      this.#count(`failed ${(error as { readonly code?: string }).code ?? String(error)}`);
      const savepoint = writer.open?.savepoints.at(-1);
      if (savepoint === undefined || this.draw.chance(20)) await this.#rollback(writer);
      else await this.#rollbackTo(writer, savepoint.name);
      return false;
    }
  }

  async #try(writer: Writer, sql: string, what: string): Promise<void> {
    if (await this.#succeeds(writer, sql)) this.#count(what);
  }

  async #rollbackTo(writer: Writer, name: string): Promise<void> {
    const { savepoints } = writer.open!;
    await writer.session.query(`rollback to ${name}`);
    this.#count('rollback to');
    const at = savepoints.findIndex(savepoint => savepoint.name === name);
    for (const { messages } of savepoints.slice(at)) {
      for (const content of messages) this.#rolledBack.add(content);
    }
    // The savepoint itself stays.
    savepoints.splice(at, savepoints.length, { name, messages: [] });
  }

  async #rollback(writer: Writer): Promise<void> {
    await writer.session.query('rollback');
    this.#count('rollback');
    writer.open = undefined;
  }

  async #end(writer: Writer): Promise<void> {
    if (writer.open === undefined) return;
    const how = this.draw.weighted({ commit: 70, rollback: 12, prepare: 18 });
    if (how === 'rollback') return this.#rollback(writer);
    if (how === 'commit') return this.#commit(writer);
    const end = await this.#beforeEnd(writer);
    if (end === undefined) return;
    const gid = `gid '${String(this.#number++)}" ü`;
    await writer.session.query(`prepare transaction ${literal(gid)}`);
    writer.open = undefined;
    this.#count('prepare');
    this.#prepared.push({ gid, ...end });
  }

  async #commit(writer: Writer): Promise<void> {
    const end = await this.#beforeEnd(writer);
    if (end === undefined) return;
    await writer.session.query('commit');
    writer.open = undefined;
    this.#done(end);
  }

  /** Marks the transaction mostly, and asks for its number; undefined when it did not live so long. */
  async #beforeEnd(
    writer: Writer,
  ): Promise<{ readonly xid: number | undefined; readonly marked: boolean } | undefined> {
    const marked = this.draw.chance(80);
    if (marked) await this.#message(writer);
    if (writer.open === undefined) return undefined;
    const rows = await writer.session.query('select pg_current_xact_id_if_assigned()::text as xid');
    const xid = rows[0]?.['xid'];
    return { xid: typeof xid === 'string' ? Number(xid) : undefined, marked };
  }

  #done({ xid, marked }: { readonly xid: number | undefined; readonly marked: boolean }): void {
    this.#count('commit');
    if (xid !== undefined) this.#committed.push({ xid, marked });
  }

  async #endPrepared(): Promise<void> {
    if (this.#prepared.length === 0) return;
    const one = this.draw.pick(this.#prepared);
    this.#prepared.splice(this.#prepared.indexOf(one), 1);
    const commits = this.draw.chance(70);
    await this.cluster.adminQuery(
      `${commits ? 'commit' : 'rollback'} prepared ${literal(one.gid)}`,
      this.database,
    );
    this.#count(commits ? 'commit prepared' : 'rollback prepared');
    if (commits) this.#done(one);
  }

  /**
   * A change of a table's definition, with rows before and after it, in a transaction that nobody comes into.
   * A message carries its SQL, so that the copy can be changed at the same place of the stream.
   */
  async #changeTable(session: AdminSession): Promise<void> {
    const { draw } = this;
    const change = drawTableChange(draw, this.#tables, this.#number++, this.cluster.options.major);
    const known = this.#tables.filter(({ id }) => id !== change.before?.id);
    const tables = change.after === undefined ? known : [...known, change.after];
    try {
      await session.query('begin');
      if (change.before !== undefined && draw.chance(40)) {
        await session.query(this.#statements.insert(change.before, 2));
      }
      for (const sql of change.sql) {
        await session.query(`select pg_logical_emit_message(true, 'ddl', ${literal(sql)})`);
        await session.query(sql);
      }
      if (change.after !== undefined) {
        const many = draw.chance(15) ? 400 : draw.int(1, 3);
        await session.query(this.#statements.insert(change.after, many));
      }
      const rows = await session.query('select pg_current_xact_id()::text as xid');
      const prepare = draw.chance(15);
      if (prepare) await session.query(`prepare transaction 'ddl'`);
      await session.query(prepare ? `commit prepared 'ddl'` : 'commit');
      this.#tables = tables;
      this.#count('table change');
      this.#done({ xid: Number(rows[0]?.['xid']), marked: true });
    } catch (error) {
      this.#count(
        `failed table change ${(error as { readonly code?: string }).code ?? String(error)}`,
      );
      await session.query('rollback');
    }
  }

  /** A change of a table's definition that is undone at once, with rows that only it could hold. */
  async #undoneTable(writer: Writer): Promise<void> {
    const table = this.#table();
    const { session } = writer;
    await session.query('savepoint undone');
    try {
      await session.query(`alter table ${nameOf(table)} add column undone int not null default 7`);
      await session.query(this.#statements.insert(table, this.draw.chance(20) ? 300 : 2));
      this.#count('undone table change');
    } catch {
      // Somebody is at the table: there is nothing to undo.
    }
    await session.query('rollback to undone');
    await session.query('release undone');
  }
}
