import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { exclusively } from '../process/exclusively';
import { runChecked } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';

/**
 * Makes `dataDir`, which is not there yet, with `initdb` the first time and as a copy of what that made ever after,
 * which takes a tenth of the time. `key` tells apart what must not be shared: the version of the server and its user.
 * Copies have one system identifier, as the servers of a primary and its standbys have.
 */
export async function fromTemplate(
  key: string,
  dataDir: string,
  initdb: () => Promise<void>,
): Promise<void> {
  const template = path.join(PROJECT_ROOT, '.cache/initdb', key);
  if (!existsSync(template)) {
    await exclusively(`initdb-${key}`, async () => {
      if (existsSync(template)) return;
      await initdb();
      const aside = `${template}.part`;
      await rm(aside, { recursive: true, force: true });
      await mkdir(path.dirname(template), { recursive: true });
      await copyFolder(dataDir, aside);
      await rename(aside, template);
    });
  }
  if (!existsSync(dataDir)) await copyFolder(template, dataDir);
}

/** With owners and modes, which the server looks at. A segment of the WAL is empty for the most part. */
async function copyFolder(from: string, to: string): Promise<void> {
  await runChecked('cp', ['-a', '--sparse=always', from, to]);
}
