import { tmpdir } from 'node:os';
import { parseLsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { Delivery, LogicalEvent } from '../../../src/logical/event';
import type { FindType, TypeFacts } from '../../../src/logical/types/binary/binaryText';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { jsonLines, readArchive } from '../../fixtures/archive';

/** The versions that the repository has recordings of. */
export const VERSIONS = [14, 15, 17, 18] as const;

export interface RawRow {
  readonly lsn: string;
  readonly xid: string;
  readonly data: string;
}

export interface FixtureCase {
  readonly kind: 'sql-peek' | 'wire' | 'oracle';
  /** Of a conversation that the server refused: its words. */
  readonly errors?: readonly string[];
  /** Messages by letter. */
  readonly messages?: Readonly<Record<string, number>>;
}

/** A frame or message of a recorded conversation; `F` is ours, `B` the server's. */
export interface WireRow {
  readonly dir: 'F' | 'B';
  readonly type?: string;
  readonly query?: string;
  readonly hex?: string;
  /** Of an XLogData and a keepalive: positions, the server's clock, what it carries. */
  readonly start?: string;
  readonly end?: string;
  readonly sendTime?: string;
  readonly replyRequested?: number;
  readonly data?: string;
  /** Of an ErrorResponse, by letter. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What was recorded from one major version. */
export class LogicalFixtures {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly cases: Readonly<Record<string, FixtureCase>>;

  /** Of the repository, or the files of another recording. */
  constructor(recording: number | ReadonlyMap<string, Buffer>) {
    this.files =
      typeof recording === 'number' ? readArchive(`logical/pg${recording}.br`) : recording;
    this.cases = (
      JSON.parse(this.#file('meta.json').toString()) as {
        cases: Record<string, FixtureCase>;
      }
    ).cases;
  }

  names(kind: FixtureCase['kind']): string[] {
    return Object.keys(this.cases).filter(name => this.cases[name]!.kind === kind);
  }

  has(name: string): boolean {
    return name in this.cases;
  }

  /** Every value is text, and no transaction is streamed or prepared: what protocol 1 can say. */
  isPlainText(name: string): boolean {
    const letters = Object.keys(this.cases[name]?.messages ?? {});
    return !name.includes('binary') && letters.every(letter => 'BCORYIUDTM'.includes(letter));
  }

  rows(name: string): RawRow[] {
    return jsonLines<RawRow>(this.#file(`${name}.jsonl`));
  }

  conversation(name: string): WireRow[] {
    return jsonLines<WireRow>(this.#file(`${name}.jsonl`));
  }

  /** The types of the database that was recorded. Of domains and ranges what lies below is not known. */
  get findType(): FindType {
    const rows = JSON.parse(this.#file('types.json').toString()) as (TypeFacts & { oid: number })[];
    const types = new Map(rows.map(row => [row.oid, { ...row, base: 0 }]));
    return oid => types.get(oid);
  }

  #file(name: string): Buffer {
    const file = this.files.get(name);
    if (file === undefined) throw new Error(`no fixture ${name}`);
    return file;
  }
}

export interface DecodeSettings {
  readonly delivery: Delivery;
  readonly findType?: FindType;
  readonly memoryLimit?: number;
}

export async function decodeRows(
  rows: readonly Pick<RawRow, 'lsn' | 'data'>[],
  settings: DecodeSettings,
): Promise<LogicalEvent[]> {
  const events: LogicalEvent[] = [];
  const decoder = new EventDecoder({
    ...settings,
    spill: new SpillFolder(tmpdir()),
    sink: event => events.push(event),
  });
  // One buffer for all messages, as a reader of a stream has it: a view that is kept would change.
  const buffer = new Uint8Array(1 << 20);
  for (const row of rows) {
    const bytes = Buffer.from(row.data, 'hex');
    buffer.fill(0xee, 0, bytes.length + 16);
    buffer.set(bytes);
    await decoder.push(parseLsn(row.lsn)!, buffer.subarray(0, bytes.length));
  }
  decoder.end();
  return events;
}
