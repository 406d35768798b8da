// Builds everything that ships, with a map beside each file.
//   node esbuild.mjs [--watch] [--minify]      into dist/
import { build, context } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What `pg` is to the extension: a file of its own, read at the first connection. */
const DRIVER = './pg.js';

const driverApart = {
  name: 'driver-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^pg$/ }, () => ({ path: DRIVER, external: true }));
  },
};

function configurations({ root, outdir, minify }) {
  const common = {
    absWorkingDir: root,
    bundle: true,
    sourcemap: 'linked',
    sourcesContent: false,
    minify,
    keepNames: true,
    logLevel: 'warning',
    legalComments: 'none',
  };
  const node = {
    ...common,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // vscode is given by the host; the other two are optional parts of pg that we never use.
    external: ['vscode', 'pg-native', 'pg-cloudflare'],
    outdir,
  };
  return [
    { ...node, entryPoints: { extension: 'src/extension.ts' }, plugins: [driverApart] },
    // The driver, the extension's two workers and the command line.
    {
      ...node,
      entryPoints: {
        pg: 'pg',
        recorder: 'src/worker/recorder.ts',
        reader: 'src/worker/reader.ts',
        cli: 'src/cli/main.ts',
        composeFile: 'src/postgres/suggestions/composeFile.ts',
      },
    },
    {
      ...common,
      platform: 'browser',
      format: 'esm',
      target: 'chrome128',
      entryPoints: { timeline: 'webview/timeline/main.ts' },
      outdir: path.join(outdir, 'webview'),
      loader: { '.ttf': 'file' },
      assetNames: '[name]',
      tsconfig: 'webview/tsconfig.json',
    },
  ];
}

async function copyAssets({ root, outdir }) {
  const assets = path.join(root, 'node_modules/@vscode/codicons/dist');
  await mkdir(path.join(outdir, 'webview'), { recursive: true });
  await Promise.all(
    ['codicon.css', 'codicon.ttf'].map(file =>
      cp(path.join(assets, file), path.join(outdir, 'webview', file)),
    ),
  );
}

/** Builds the project in `root` into `outdir`, which is made anew. */
export async function buildAll(options) {
  await rm(options.outdir, { recursive: true, force: true });
  await copyAssets(options);
  await Promise.all(configurations(options).map(configuration => build(configuration)));
}

async function watch(options) {
  await copyAssets(options);
  const contexts = await Promise.all(configurations(options).map(c => context(c)));
  await Promise.all(contexts.map(c => c.watch()));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = path.dirname(fileURLToPath(import.meta.url));
  const options = {
    root,
    outdir: path.join(root, 'dist'),
    minify: process.argv.includes('--minify'),
  };
  await (process.argv.includes('--watch') ? watch(options) : buildAll(options));
}
