import { readdir } from 'node:fs/promises';
import { build } from 'esbuild';
import path from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { PROJECT_ROOT } from './projectRoot';

// npm run bench -- NAME [--json] [arguments]: runs test/bench/NAME.ts, a module that exports
// `run({ json, args })`. With --json it prints one JSON object and nothing else.

interface Benchmark {
  run(options: { readonly json: boolean; readonly args: readonly string[] }): Promise<void>;
}

const folder = path.join(PROJECT_ROOT, 'test/bench');
const files = await readdir(folder).catch(() => []);
const names = files.filter(f => f.endsWith('.ts')).map(f => f.slice(0, -3));
const [name, ...rest] = process.argv.slice(2).filter(a => a !== '--json');

if (name === undefined || !names.includes(name)) {
  console.error('Usage: npm run bench -- NAME [--json]');
  console.error(`There are: ${names.length > 0 ? names.join(', ') : 'none'}`);
  process.exit(2);
}

const outfile = path.join(PROJECT_ROOT, 'node_modules/.cache/bench', `${name}.cjs`);
await build({
  absWorkingDir: PROJECT_ROOT,
  entryPoints: [path.join(folder, `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  packages: 'external',
  sourcemap: 'inline',
  sourcesContent: false,
  logLevel: 'warning',
});
const module_ = (await import(pathToFileURL(outfile).href)) as Benchmark;
await module_.run({ json: process.argv.includes('--json'), args: rest });
