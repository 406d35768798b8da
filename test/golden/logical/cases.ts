import { tmpdir } from 'node:os';
import { parseLsn } from '../../../src/base/lsn';
import { SpillFolder } from '../../../src/capture/spillFile';
import type { Delivery, LogicalEvent } from '../../../src/logical/event';
import type { FindType, TypeFacts } from '../../../src/logical/types/binary/binaryText';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { jsonLines, readArchive } from '../../fixtures/archive';

export const VERSIONS = [14, 15, 17, 18] as const;

export interface RawRow {
  readonly lsn: string;
  readonly xid: string;
  readonly data: string;
}

export interface FixtureCase {
  readonly kind: 'sql-peek' | 'wire' | 'oracle';
  /** Messages by letter. */
  readonly messages?: Readonly<Record<string, number>>;
}

/** What was recorded from one major version. */
export class LogicalFixtures {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly cases: Readonly<Record<string, FixtureCase>>;

  constructor(major: number) {
    this.files = readArchive(`logical/pg${major}.br`);
    this.cases = (
      JSON.parse(this.#file('meta.json').toString()) as {
        cases: Record<string, FixtureCase>;
      }
    ).cases;
  }

  names(kind: FixtureCase['kind']): string[] {
    return Object.keys(this.cases).filter(name => this.cases[name]!.kind === kind);
  }

  rows(name: string): RawRow[] {
    return jsonLines<RawRow>(this.#file(`${name}.jsonl`));
  }

  lines<T>(name: string): T[] {
    return jsonLines<T>(this.#file(`${name}.jsonl`));
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
