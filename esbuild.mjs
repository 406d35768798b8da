// Builds everything that ships, with a map beside each file.
//   node esbuild.mjs [--watch] [--minify]      into dist/
import { build, context } from 'esbuild';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * What the extension needs only when it connects is a file of its own, read at the first connection: the
 * driver and what is built on it. These modules of src/postgres are imported by import() there.
 */
const CONNECTING = ['sqlSession', 'writeGate', 'explainFailure', 'connectionCheck'];

const connectingApart = {
  name: 'connecting-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/postgres\/\w+$/ }, ({ path: file, kind }) => {
      if (kind !== 'dynamic-import') return undefined;
      if (CONNECTING.includes(path.basename(file))) {
        return { path: './postgres.js', external: true };
      }
      return { errors: [{ text: `${file} is not among the modules of postgres.js` }] };
    });
    onResolve({ filter: /^pg$/ }, () => ({
      errors: [{ text: 'the driver belongs into postgres.js: use import() on the way to it' }],
    }));
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
    { ...node, entryPoints: { extension: 'src/extension.ts' }, plugins: [connectingApart] },
    {
      ...node,
      stdin: {
        contents: CONNECTING.map(name => `export * from './src/postgres/${name}';`).join('\n'),
        resolveDir: root,
      },
      outfile: path.join(outdir, 'postgres.js'),
      outdir: undefined,
    },
    // The extension's two workers and the command line.
    {
      ...node,
      entryPoints: {
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
