import type { PostgresMajor } from '../../scripts/postgres/embeddedServers';
import { decode } from './replication/decode';
import type { Figures } from './replication/figures';
import { latency } from './replication/latency';
import { memory } from './replication/memory';
import { throughput } from './replication/throughput';

const PARTS = ['throughput', 'decode', 'latency', 'memory'];
const ROWS = 1_300_000;
const MEMORY_ROWS = 10_000_000;

/**
 * How fast streams are read, from a server and in memory, how late, and in how much memory
 * (docs/performance.md): `npm run bench -- replication [PART...] [--rows=N] [--major=N]`. Without a part
 * all are run, which takes a quarter of an hour. The machine's load before each is printed with it: on
 * one that is not idle only ratios mean something.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const args = options.args ?? [];
  const chosen = args.filter(arg => !arg.startsWith('--'));
  const wrong = chosen.find(part => !PARTS.includes(part));
  if (wrong !== undefined) {
    throw new Error(`There is no part ${JSON.stringify(wrong)}, only ${PARTS.join(', ')}`);
  }
  const rows = numberOf(args, 'rows');
  const major = (numberOf(args, 'major') ?? 18) as PostgresMajor;
  const wanted = (part: string): boolean => chosen.length === 0 || chosen.includes(part);
  const all: Figures[] = [];
  const tell = (figures: readonly Figures[]): void => {
    all.push(...figures);
    if (!options.json) for (const one of figures) console.log(inWords(one));
  };
  if (wanted('throughput')) tell(await throughput(rows ?? ROWS, major));
  if (wanted('decode')) tell(decode());
  if (wanted('latency')) tell(await latency(major));
  if (wanted('memory')) tell(await memory(rows ?? MEMORY_ROWS, major));
  if (options.json) console.log(JSON.stringify(all));
}

function numberOf(args: readonly string[], name: string): number | undefined {
  const found = args.find(arg => arg.startsWith(`--${name}=`));
  if (found === undefined) return undefined;
  const number = Number(found.slice(name.length + 3));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`--${name} takes a number`);
}

function inWords({ name = '', ...figures }: Figures): string {
  const pairs = Object.entries(figures).map(([key, value]) => `${key} ${String(value)}`);
  return `${String(name)}: ${pairs.join(', ')}`;
}
