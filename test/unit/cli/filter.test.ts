import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from '../capture/captureMeta';

let folder: string;
let number = 0;
const fresh = (extension: string): string => path.join(folder, `${String(number++)}.${extension}`);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'filter-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function pgwal(...argv: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const taken = { out: '', err: '' };
  stdout.on('data', data => (taken.out += String(data)));
  stderr.on('data', data => (taken.err += String(data)));
  const interrupted = new AbortController().signal;
  const status = await runCommandLine(argv, {
    env: {},
    stdout,
    stderr,
    interactive: false,
    interrupted,
  });
  await new Promise(resolve => setImmediate(resolve));
  return { status, ...taken };
}

type Line = Readonly<Record<string, unknown>> & { readonly kind: string; readonly xid?: number };
type Row = Readonly<Record<string, string | null>>;

const CHANGES = new Set(['insert', 'update', 'delete', 'truncate', 'message']);

async function events(file: string, ...argv: string[]): Promise<Line[]> {
  const out = fresh('jsonl');
  const { status, err } = await pgwal('convert', file, '--out', out, ...argv);
  expect([status, err]).toEqual([0, '']);
  const text = await readFile(out, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line) as Line);
}

const changesOf = (lines: readonly Line[]): Line[] => lines.filter(({ kind }) => CHANGES.has(kind));

/** Expressions, and the same said of a line of the native format. */
const FILTERS: readonly (readonly [string, (line: Line) => boolean])[] = [
  ['op == "update"', ({ kind }) => kind === 'update'],
  [
    'new.id > 3 && op != "delete"',
    line => {
      const id = (line['new'] as Row | undefined)?.['id'];
      return typeof id === 'string' && /^-?\d+$/.test(id) && BigInt(id) > 3n;
    },
  ],
  ['prefix != null', ({ kind }) => kind === 'message'],
  ['xid == 1', () => false],
];

describe('--filter over what a server sent', () => {
  const fixtures = new LogicalFixtures(VERSIONS.at(-1)!);

  const capture = async (name: string): Promise<string> => {
    const file = fresh('walcap');
    const binary = String(name.includes('binary'));
    const pluginOptions = { ...testMeta.pluginOptions, binary };
    const writer = await CaptureWriter.create(nodeFiles, file, { ...testMeta, pluginOptions });
    for (const { lsn, data } of fixtures.rows(name)) {
      writer.appendMessage(parseLsn(lsn)!, fromHex(data)!);
    }
    await writer.close();
    return file;
  };
  // Messages outside transactions and in them, streamed, prepared, streamed and prepared, values in binary form.
  const names = ['v1-messages', 'v3-2pc', 'v3-2pc-stream', 'v4-parallel-2pc-binary'];

  it('writes what passes, and no transaction of which nothing does', async () => {
    let written = 0;
    for (const name of names) {
      const file = await capture(name);
      for (const delivery of ['assembled', 'raw']) {
        const all = await events(file, '--transactions', delivery);
        for (const [filter, passes] of FILTERS) {
          const some = await events(file, '--transactions', delivery, '--filter', filter);
          const expected = changesOf(all).filter(passes);
          expect([name, filter, changesOf(some)]).toEqual([name, filter, expected]);
          written += expected.length;
          const changed = new Set(expected.map(({ xid }) => xid));
          for (const line of some) {
            const isTransaction = [
              'begin',
              'commit',
              'streamStart',
              'streamStop',
              'streamCommit',
              'beginPrepare',
              'prepare',
            ].includes(line.kind);
            if (isTransaction)
              expect([name, filter, line, changed.has(line.xid)]).toEqual([
                name,
                filter,
                line,
                true,
              ]);
          }
          // Begins and ends are pairs still.
          const count = (kind: string): number => some.filter(line => line.kind === kind).length;
          expect(count('streamStart')).toBe(count('streamStop'));
          if (delivery === 'assembled') expect(count('begin')).toBe(count('commit'));
          expect(
            some
              .filter(({ kind }) => kind === 'streamStart')
              .every(line =>
                all.some(other => other.kind === 'streamStart' && other.xid === line.xid),
              ),
          ).toBe(true);
        }
      }
    }
    expect(written).toBeGreaterThan(50);
  }, 60_000);

  it('says of a capture what it has none of, and goes on', async () => {
    const file = await capture('v3-2pc');
    const wrong = 'op == "insert" && new.idd > 3';
    for (const more of [[], ['--format', 'capture', '--out', fresh('walcap')]]) {
      const { status, err } = await pgwal('convert', file, '--filter', wrong, ...more);
      expect(status).toBe(0);
      expect(err).toBe(
        'pgwal convert: --filter: No table here has a column idd so far. Did you mean id?\n' +
          `  ${wrong}\n` +
          '                    ^^^^^^^\n',
      );
    }
    const { err } = await pgwal('decode', file, '--filter', 'table == "no_such_table"');
    expect(err).toContain('There is no table no_such_table here so far.');
  });

  it('says it of raw messages when they end', async () => {
    const file = fresh('jsonl');
    const rows = fixtures.rows('v3-2pc').map(row => `${JSON.stringify(row)}\n`);
    await writeFile(file, rows.join(''));
    const { status, err } = await pgwal('decode', file, '--filter', 'new.idd > 3');
    expect([status, err]).toEqual([
      0,
      'pgwal decode: --filter: No table here has a column idd so far. Did you mean id?\n' +
        '  new.idd > 3\n' +
        '  ^^^^^^^\n',
    ]);
    expect(await pgwal('decode', file, '--filter', 'new.id > 3')).toMatchObject({ err: '' });
    const some = await pgwal('decode', file, '--filter', 'new.idd > 3 || op == "insert"');
    expect(some.err).toBe('');
  });

  it('says it with names that a terminal does not obey', async () => {
    const file = fresh('jsonl');
    const change = 'table public.t: INSERT: id[integer]:1';
    const odd = 'table public."tot\u001bal": INSERT: id[integer]:1';
    const lines = ['BEGIN 7', change, odd, 'COMMIT 7'].map(data =>
      JSON.stringify({ lsn: '0/1', xid: 7, data }),
    );
    await writeFile(file, `${lines.join('\n')}\n`);
    const { err } = await pgwal(
      ...['decode', '--plugin', 'test_decoding', file, '--filter', 'table == "total"'],
    );
    expect(err).toContain('Did you mean tot␛al?');
    expect(err).not.toContain('\u001b');
  });

  it('makes a capture of what passes', async () => {
    const [filter, passes] = FILTERS[0]!;
    for (const name of names) {
      const file = await capture(name);
      const some = fresh('walcap');
      const made = await pgwal(
        'convert',
        file,
        '--format',
        'capture',
        '--out',
        some,
        '--filter',
        filter,
      );
      expect([name, made.status, made.err]).toEqual([name, 0, '']);
      const expected = changesOf(await events(file)).filter(passes);
      expect([name, changesOf(await events(some))]).toEqual([name, expected]);
    }
  }, 60_000);
});

describe('convert', () => {
  it('says how much of a torn end it left out, and gives what stands before', async () => {
    const file = fresh('walcap');
    const writer = await CaptureWriter.create(nodeFiles, file, testMeta);
    for (const { lsn, data } of new LogicalFixtures(VERSIONS.at(-1)!).rows('v1-messages')) {
      writer.appendMessage(parseLsn(lsn)!, fromHex(data)!);
    }
    await writer.close();
    const all = await events(file);
    const torn = fresh('walcap');
    await writeFile(torn, Buffer.concat([await readFile(file), Buffer.from('DBLK half')]));
    const { status, err, out } = await pgwal('convert', torn);
    expect([status, err]).toEqual([
      0,
      `pgwal convert: ${torn}: its last 9 bytes are no whole block and were left out: its writer died or still writes\n`,
    ]);
    expect(out.trimEnd().split('\n')).toHaveLength(all.length);
  });
});

describe('--filter', () => {
  it('shows where an expression is wrong', async () => {
    for (const command of ['tail', 'peek', 'decode', 'convert']) {
      const { status, err, out } = await pgwal(
        command,
        '--filter',
        'op == "inser" && new.total > 1',
        ...(command === 'decode' || command === 'convert' ? ['FILE'] : []),
      );
      expect([command, status, out]).toEqual([command, 2, '']);
      expect(err).toBe(
        `pgwal ${command}: --filter: op is one of insert, update, delete, truncate, message. Did you mean "insert"? (see: pgwal help ${command})\n` +
          '  op == "inser" && new.total > 1\n' +
          '        ^^^^^^^\n',
      );
    }
  });

  it('shows the part of a long expression that is wrong', async () => {
    const filter = `${'xid == 1 || '.repeat(30)}opp == "😀"\n|| true`;
    const { status, err } = await pgwal('decode', '--filter', filter, 'FILE');
    expect(status).toBe(2);
    const [, shown = '', carets = ''] = err.split('\n');
    expect(shown.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('opp');
    expect(shown.length).toBeLessThan(90);
  });

  it('points at what is wrong behind letters of any width', async () => {
    for (const [before, columns] of [
      ['op ==\t"insert"', 14],
      ['table == "日本語"', 17],
      ['table == "😀é한"', 16],
      ['table == "e\u0301"', 12],
    ] as const) {
      const { err } = await pgwal('decode', '--filter', `${before} && tabel == "日"`, 'FILE');
      const [, , carets = ''] = err.split('\n');
      expect([before, carets]).toEqual([before, `${' '.repeat(2 + columns + 4)}^^^^^`]);
    }
  });

  it('is refused where it would lose what it leaves out', async () => {
    const consume = await pgwal('tail', '--slot', 's', '--consume', '--filter', 'op == "insert"');
    expect(consume.status).toBe(2);
    expect(consume.err).toContain('what it leaves out would be confirmed, and lost');
  });

  it('filters the texts of plugins by the types that they name', async () => {
    const texts: readonly (readonly [string, string])[] = [
      ['0/10', 'BEGIN 700'],
      ['0/20', "table public.orders: INSERT: id[integer]:1 total[numeric]:99.50 note[text]:'a'"],
      ['0/30', 'table public.orders: INSERT: id[integer]:2 total[numeric]:100.50 note[text]:null'],
      ['0/40', 'COMMIT 700'],
      ['0/50', 'BEGIN 701'],
      ['0/60', 'table public.orders: DELETE: id[integer]:1'],
      ['0/70', 'COMMIT 701'],
    ];
    const file = fresh('jsonl');
    const xid = (i: number): string => (i < 4 ? '700' : '701');
    await writeFile(
      file,
      texts.map(([lsn, data], i) => JSON.stringify({ lsn, xid: xid(i), data })).join('\n'),
    );
    for (const [filter, kinds] of [
      ['new.total > 100', ['begin', 'insert', 'commit']],
      ['new.note == null', ['begin', 'insert', 'commit']],
      ['old.id == 1', ['begin', 'delete', 'commit']],
      ['new.id < 10 && table == "orders"', ['begin', 'insert', 'insert', 'commit']],
      ['new.id == 3', []],
      ['xid == 701', ['begin', 'delete', 'commit']],
    ] as const) {
      for (const delivery of ['assembled', 'raw']) {
        const { status, out, err } = await pgwal(
          'decode',
          '--plugin',
          'test_decoding',
          '--transactions',
          delivery,
          '--filter',
          filter,
          file,
        );
        expect([status, err]).toEqual([0, '']);
        const lines = out
          .split('\n')
          .slice(0, -1)
          .map(line => (JSON.parse(line) as Line).kind);
        expect([filter, delivery, lines]).toEqual([filter, delivery, kinds]);
      }
    }
  });
});
