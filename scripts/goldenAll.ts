import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { runCommand } from './process/runCommand';
import { PROJECT_ROOT } from './projectRoot';

// npm run test:golden-all -- FOLDER: proves recordings that are not in the repository, archives
// pgVERSION.tar.xz or folders pgVERSION, as test/golden proves its own.
// node scripts/run.mjs goldenAll --write-table: writes the table of docs/golden.md anew.

const [argument] = process.argv.slice(2);
if (argument === undefined) {
  console.error('Usage: npm run test:golden-all -- FOLDER');
  process.exit(2);
}
process.exitCode =
  argument === '--write-table'
    ? await prove({ WALEXPLORER_WRITE_TABLE: '1' })
    : await proveFolder(path.resolve(argument));

async function proveFolder(folder: string): Promise<number> {
  const archives = (await readdir(folder)).filter(name => /^pg\d.*\.tar\.xz$/.test(name));
  if (archives.length === 0) return prove({ WALEXPLORER_RECORDINGS: folder });
  const unpacked = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-golden-'));
  try {
    for (const name of archives) {
      const args = ['-xJf', path.join(folder, name), '-C', unpacked];
      const { status } = await runCommand('tar', args, { echo: true });
      if (status !== 0) throw new Error(`${name} could not be unpacked`);
    }
    return await prove({ WALEXPLORER_RECORDINGS: unpacked });
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function prove(env: Readonly<Record<string, string>>): Promise<number> {
  const vitest = path.join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'golden', 'test/golden/logical/golden.test.ts'];
  const { status } = await runCommand(process.execPath, args, {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...env },
    echo: true,
  });
  return status;
}
