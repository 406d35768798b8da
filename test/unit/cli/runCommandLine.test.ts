import { PassThrough } from 'node:stream';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRODUCT } from '../../../src/base/product';
import { COMMANDS } from '../../../src/cli/commands';
import { ProgressLine } from '../../../src/cli/progressLine';
import { runCommandLine } from '../../../src/cli/runCommandLine';
import type { Terminal } from '../../../src/cli/terminal';

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function fakeTerminal(interactive: boolean): Terminal & { out(): string; err(): string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const { signal } = new AbortController();
  const taken = { out: '', err: '' };
  stdout.on('data', data => (taken.out += String(data)));
  stderr.on('data', data => (taken.err += String(data)));
  return {
    env: {},
    stdout,
    stderr,
    interactive,
    interrupted: signal,
    out: () => taken.out,
    err: () => taken.err,
  };
}

async function pgwal(...argv: string[]): Promise<Run> {
  const terminal = fakeTerminal(false);
  const status = await runCommandLine(argv, terminal);
  await new Promise(resolve => setImmediate(resolve));
  return { status, stdout: terminal.out(), stderr: terminal.err() };
}

describe('pgwal', () => {
  it('has help for itself and for each command', async () => {
    const { status, stdout } = await pgwal('--help');
    expect(status).toBe(0);
    for (const { name, options } of COMMANDS) {
      expect(stdout).toContain(`  ${name}`);
      const help = await pgwal('help', name);
      expect(help.status).toBe(0);
      for (const option of options) expect(help.stdout).toContain(`--${option.name}`);
      expect(Math.max(...help.stdout.split('\n').map(line => line.length))).toBeLessThan(100);
      expect((await pgwal(name, '--help')).stdout).toBe(help.stdout);
    }
  });

  it('says in one sentence what a file is not, and names the first bad lines only', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'pgwal-'));
    try {
      const at = (name: string): string => path.join(folder, name);
      await writeFile(at('binary'), Buffer.from([0x7f, 0x45, 0, 0x0a, 1, 0x0a]));
      await writeFile(at('lines'), 'not JSON\n'.repeat(1000));
      expect(await pgwal('decode', at('none'))).toEqual({
        status: 1,
        stdout: '',
        stderr: `pgwal decode: Cannot open ${at('none')}: the folder or file does not exist\n`,
      });
      expect((await pgwal('decode', folder)).stderr).toBe(
        `pgwal decode: Cannot open ${folder}: it is a folder\n`,
      );
      expect(await pgwal('decode', at('binary'))).toEqual({
        status: 1,
        stdout: '',
        stderr: `pgwal decode: ${at('binary')} is neither a capture nor lines of JSON.\n`,
      });
      const { status, stderr } = await pgwal('decode', at('lines'));
      const told = stderr.trimEnd().split('\n');
      expect(status).toBe(1);
      expect(told).toHaveLength(21);
      expect(told[19]).toContain('line 20: not a JSON object');
      expect(told[20]).toContain('980 more lines or messages could not be read');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("prints package.json's version", async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
    expect(PRODUCT.version).toBe(manifest.version);
    expect(await pgwal('--version')).toEqual({
      status: 0,
      stdout: `pgwal ${manifest.version}\n`,
      stderr: '',
    });
  });

  it.each([
    [[], 'pgwal: a command is missing (see: pgwal --help)\n'],
    [['frobnicate'], 'pgwal: no command "frobnicate" (see: pgwal --help)\n'],
    [
      ['tail', '--plugin', 'pgoutput'],
      'pgwal tail: --plugin pgoutput needs --publication P (see: pgwal help tail)\n',
    ],
    [
      ['tail', '--plugin', 'test_decoding', '--binary'],
      'pgwal tail: --binary is for pgoutput: test_decoding sends values as text only (see: pgwal help tail)\n',
    ],
    [
      ['tail', '--plugin', 'test_decoding', '--publication', 'p'],
      'pgwal tail: --plugin test_decoding follows all tables: it takes no --publication (see: pgwal help tail)\n',
    ],
    [['peek', '--slot', ''], 'pgwal peek: --slot is missing (see: pgwal help peek)\n'],
    [['convert'], 'pgwal convert: CAPTURE is missing (see: pgwal help convert)\n'],
  ])('%j is wrong usage', async (argv, stderr) => {
    expect(await pgwal(...argv)).toEqual({ status: 2, stdout: '', stderr });
  });

  it('never says what a wrong connection string holds', async () => {
    const { status, stderr } = await pgwal('slots', '--url', 'postgresql://u:secret@h:port/x');
    expect(status).toBe(2);
    expect(stderr).not.toContain('secret');
  });
});

describe('pgwal decode', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-decode-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const begin = `42${'00'.repeat(7)}64${'00'.repeat(8)}000002bc`;
  const commit = `4300${'00'.repeat(7)}64${'00'.repeat(7)}c8${'00'.repeat(8)}`;

  it('prints events, names the line it cannot read, and ends with 1 then', async () => {
    const file = path.join(folder, 'raw.jsonl');
    await writeFile(
      file,
      [
        `{"lsn":"0/64","xid":700,"data":"${begin}"}`,
        'not json',
        `{"lsn":"0/C8","xid":700,"data":"${commit}"}`,
        '',
      ].join('\n'),
    );
    const { status, stdout, stderr } = await pgwal('decode', file);
    expect(status).toBe(1);
    expect(stderr).toMatch(/raw\.jsonl: line 2: /);
    expect(stdout.split('\n').map(line => /"kind":"(\w+)"/.exec(line)?.[1])).toEqual([
      'begin',
      'commit',
      undefined,
    ]);
    const out = path.join(folder, 'out.jsonl');
    expect(await pgwal('decode', file, '--out', out)).toMatchObject({ status: 1, stdout: '' });
    expect(await readFile(out, 'utf8')).toBe(stdout);
  });

  it('says what it cannot open or decode', async () => {
    const missing = await pgwal('decode', path.join(folder, 'nothing'));
    expect(missing).toMatchObject({ status: 1, stdout: '' });
    expect(missing.stderr.trim().split('\n')).toHaveLength(1);
    const file = path.join(folder, 'raw.jsonl');
    await writeFile(file, '');
    expect((await pgwal('decode', '--plugin', 'wal2json', file)).status).toBe(0);
    expect((await pgwal('decode', '--plugin', 'nope', file)).status).toBe(2);
    expect((await pgwal('convert', file)).stderr).toMatch(/^pgwal convert: .*not a capture/i);
  });
});

describe('the progress line', () => {
  it('is for people only, and leaves the line clean', async () => {
    const silent = fakeTerminal(false);
    new ProgressLine(silent).show('1 change');
    const shown = fakeTerminal(true);
    const progress = new ProgressLine(shown);
    progress.show('1 change');
    progress.show('too soon');
    progress.print('a note');
    await new Promise(resolve => setImmediate(resolve));
    expect(silent.err()).toBe('');
    expect(shown.err()).toContain('\r1 change');
    expect(shown.err()).not.toContain('too soon');
    expect(shown.err().endsWith('\ra note\n')).toBe(true);
  });
});
