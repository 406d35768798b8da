// Builds everything that ships into dist/, with a map beside each file.
//   node esbuild.mjs [--watch] [--minify]
import { build, context } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';
import process from 'node:process';

const watch = process.argv.includes('--watch');
const minify = process.argv.includes('--minify');

const common = {
  bundle: true,
  sourcemap: 'linked',
  sourcesContent: false,
  minify,
  keepNames: true,
  logLevel: 'warning',
  legalComments: 'none',
};

/** Code that runs in Node: the extension host, its two workers and the command line. */
const node = {
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
  outdir: 'dist',
};

const webview = {
  ...common,
  platform: 'browser',
  format: 'esm',
  target: 'chrome128',
  entryPoints: { timeline: 'webview/timeline/main.ts' },
  outdir: 'dist/webview',
  loader: { '.ttf': 'file' },
  assetNames: '[name]',
  tsconfig: 'webview/tsconfig.json',
};

await rm('dist', { recursive: true, force: true });
await mkdir('dist/webview', { recursive: true });
await Promise.all(
  ['codicon.css', 'codicon.ttf'].map(file =>
    cp(`node_modules/@vscode/codicons/dist/${file}`, `dist/webview/${file}`),
  ),
);
if (watch) {
  const contexts = await Promise.all([context(node), context(webview)]);
  await Promise.all(contexts.map(c => c.watch()));
} else {
  await Promise.all([build(node), build(webview)]);
}
