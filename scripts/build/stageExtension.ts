import { cp, mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildAll } from '../../esbuild.mjs';
import { PROJECT_ROOT } from '../projectRoot';

/** What the package holds besides dist; .vscodeignore says what of it ships. */
const PARTS = [
  'package.json',
  'package.nls.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'media',
  '.vscodeignore',
];

/**
 * Lays the extension out in `dir` as it ships, minified. Apart from the work tree, so that packing
 * neither needs nor disturbs a build in dist.
 */
export async function stageExtension(dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await buildAll({ root: PROJECT_ROOT, outdir: path.join(dir, 'dist'), minify: true });
  for (const part of PARTS) {
    const source = path.join(PROJECT_ROOT, part);
    if (existsSync(source)) await cp(source, path.join(dir, part), { recursive: true });
  }
}
