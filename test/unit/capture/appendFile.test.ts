import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToAppend } from '../../../src/capture/appendFile';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pgwx-lock-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a file that is opened to go on in it', () => {
  it('is made for its owner only, and kept as it is where it is there', async () => {
    const name = path.join(folder, 'new');
    const made = await openToAppend(name);
    await made.write(Buffer.from('one'), 0);
    await made.close();
    if (process.platform !== 'win32') expect((await stat(name)).mode & 0o777).toBe(0o600);
    const again = await openToAppend(name);
    expect(await again.size()).toBe(3);
    await again.close();
    expect(await readFile(name, 'utf8')).toBe('one');
  });

  it('is a file, and neither a folder nor a link nor a device', async () => {
    await mkdir(path.join(folder, 'sub'));
    await writeFile(path.join(folder, 'target'), 'kept');
    await symlink('target', path.join(folder, 'link'));
    await symlink('nowhere', path.join(folder, 'dangling'));
    const names = {
      sub: /is a folder/,
      link: /is a symbolic link/,
      dangling: /is a symbolic link/,
    };
    for (const [name, reason] of Object.entries(names)) {
      await expect(openToAppend(path.join(folder, name))).rejects.toMatchObject({
        name: 'AppendRefused',
        message: expect.stringMatching(reason) as string,
      });
    }
    await expect(openToAppend(path.join(folder, 'no', 'where'))).rejects.toThrow(/Cannot go on in/);
    expect(await readFile(path.join(folder, 'target'), 'utf8')).toBe('kept');
  });

  it('belongs to one process, until that ends in whatever way', async () => {
    const script = path.join(folder, 'holder.cjs');
    await build({
      stdin: {
        contents: `import { openToAppend } from './src/capture/appendFile';
          void openToAppend(process.argv[2]).then(() => { console.log('open'); setInterval(() => {}, 1000); });`,
        resolveDir: process.cwd(),
        loader: 'ts',
      },
      outfile: script,
      bundle: true,
      platform: 'node',
      format: 'cjs',
    });
    const name = path.join(folder, 'held');
    const holder = spawn(process.execPath, [script, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise(resolve => holder.once('exit', resolve));
    await new Promise(resolve => holder.stdout.once('data', resolve));
    await expect(openToAppend(name)).rejects.toThrow(/Another process is writing/);
    holder.kill('SIGKILL');
    await ended;
    const free = await openToAppend(name);
    await expect(openToAppend(name)).rejects.toThrow(/Another process is writing/);
    await free.close();
    await (await openToAppend(name)).close();
  });
});
