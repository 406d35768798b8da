import { createVSIX } from '@vscode/vsce';
import { readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { PROJECT_ROOT } from '../projectRoot';
import { checkBudgets } from './budgets';
import { stageExtension } from './stageExtension';

/** Builds and packs the extension into `outDir`, checks the sizes, and gives the .vsix file. */
export async function packExtension(outDir: string = PROJECT_ROOT): Promise<string> {
  const manifest = await readFile(path.join(PROJECT_ROOT, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string };
  const vsix = path.join(outDir, `${name}-${version}.vsix`);
  const staged = path.join(PROJECT_ROOT, `node_modules/.cache/stage-${process.pid}`);
  try {
    await stageExtension(staged);
    // Packed beside its place and moved: who installs it meanwhile never sees half a file.
    const unfinished = `${vsix}.${process.pid}.part`;
    await createVSIX({
      cwd: staged,
      packagePath: unfinished,
      dependencies: false,
      allowMissingRepository: true,
      // Pictures lie in the package; there is no public address to rewrite links to.
      rewriteRelativeLinks: false,
    });
    await rename(unfinished, vsix);
    await checkBudgets(staged, vsix);
    return vsix;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}
