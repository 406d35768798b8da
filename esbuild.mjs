// Builds everything that ships, with a map beside each file.
//   node esbuild.mjs [--watch] [--minify]      into dist/
import { build, context } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

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
  return [
    // Code that runs in Node: the extension host, its two workers and the command line.
    {
      ...common,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      // vscode is given by the host; the other two are optional parts of pg that we never use.
      external: ['vscode', 'pg-native', 'pg-cloudflare'],
      entryPoints: {
        extension: 'src/extension.ts',
        recorder: 'src/worker/recorder.ts',
        reader: 'src/worker/reader.ts',
        cli: 'src/cli/main.ts',
      },
      outdir,
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
