import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { exclusively } from '../process/exclusively';
import { runChecked } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';
import { hostVersion, type VscodeHost } from './host';

/**
 * Makes the folder `extensions`, which is not there yet: with `install` where these .vsix files are new to this
 * VS Code, else as a copy of what that made, which takes a fraction of the seconds. The last one is kept.
 */
export async function installExtensions(
  host: VscodeHost,
  vsix: readonly string[],
  extensions: string,
  install: () => Promise<void>,
): Promise<void> {
  if (vsix.length === 0) {
    await mkdir(extensions);
    return;
  }
  const kept = path.join(PROJECT_ROOT, '.cache/extensions', host.name);
  const stamp = path.join(kept, 'installed');
  const folder = path.join(kept, 'extensions');
  const wanted = await fingerprint(host, vsix);
  await exclusively(`extensions-${host.name}`, async () => {
    if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) {
      await runChecked('cp', ['-a', folder, extensions]);
      return;
    }
    await mkdir(extensions);
    await install();
    await rm(kept, { recursive: true, force: true });
    await mkdir(kept, { recursive: true });
    await runChecked('cp', ['-a', extensions, folder]);
    await writeFile(stamp, wanted);
  });
}

async function fingerprint(host: VscodeHost, vsix: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await hostVersion(host));
  for (const file of vsix) hash.update(await readFile(file));
  return hash.digest('hex');
}
