// Runs scripts/NAME.ts on a bare machine: `node scripts/run.mjs NAME args...`
//
// Plain Node without a dependency, because it is what installs them: it brings node_modules in line
// with package-lock.json, bundles the script with esbuild into node_modules/.cache and runs it in
// this process. Two that run at the same time wait for each other.
import { spawn } from 'node:child_process';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MIN_NODE = [20, 19];
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function fail(message) {
  console.error(message);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    fail(
      `Node ${MIN_NODE.join('.')} or newer is needed, this is ${process.versions.node}. ` +
        'Install a newer one from https://nodejs.org.',
    );
  }
}

async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** True when every package of the lock file is there in its version, whoever installed it. */
async function isInstalled() {
  const wanted = await readJson(path.join(root, 'package-lock.json'));
  const present = await readJson(path.join(root, 'node_modules/.package-lock.json'));
  if (present === undefined) return false;
  return Object.entries(wanted.packages).every(
    ([where, entry]) =>
      where === '' || entry.optional === true || present.packages[where]?.version === entry.version,
  );
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Holds a directory as a lock (mkdir is atomic everywhere) while `work` runs. */
async function exclusively(name, work) {
  const lock = path.join(root, '.cache', `${name}.lock`);
  const owner = path.join(lock, 'pid');
  await mkdir(path.dirname(lock), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(owner, 'utf8').catch(() => '0'));
    if (pid > 0 && !isAlive(pid)) {
      await rm(lock, { recursive: true, force: true });
      continue;
    }
    if (!told) console.log(`Waiting for another process that installs (${lock})`);
    await sleep(500);
  }
  try {
    await writeFile(owner, String(process.pid));
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** `npm ci` by the npm that started us where there is one, so that no shell is needed. */
function npmCi() {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const [command, all, shell] =
    npm !== undefined && npm.endsWith('.js')
      ? [process.execPath, [npm, ...args], false]
      : ['npm', args, process.platform === 'win32'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, all, { cwd: root, stdio: 'inherit', shell });
    child.once('error', reject);
    child.once('exit', code => {
      if (code === 0) resolve();
      else reject(new Error(`npm ci ended with status ${code}`));
    });
  });
}

async function install() {
  if (await isInstalled()) return;
  await exclusively('install', async () => {
    if (await isInstalled()) return;
    console.log('Installing the dependencies (npm ci)');
    await npmCi();
  });
}

/**
 * Bundles scripts/NAME.ts; packages stay outside, since the result lies inside node_modules. Moved
 * to its place in one step, so that two runs of the same script never see half a file.
 */
async function bundle(name) {
  const { build } = await import('esbuild');
  const outfile = path.join(root, 'node_modules/.cache/scripts', `${name}.mjs`);
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`scripts/${name}.ts`],
    outfile,
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    sourcesContent: false,
    logLevel: 'warning',
    // What an ES module lacks and a TypeScript file without "type" may use.
    banner: {
      js:
        "import { createRequire as __createRequire } from 'node:module';" +
        "import { dirname as __pathDirname } from 'node:path';" +
        "import { fileURLToPath as __toPath } from 'node:url';" +
        'const require = __createRequire(import.meta.url);' +
        'const __filename = __toPath(import.meta.url);' +
        'const __dirname = __pathDirname(__filename);',
    },
  });
  const unfinished = `${outfile}.${process.pid}`;
  await mkdir(path.dirname(outfile), { recursive: true });
  await writeFile(unfinished, outputFiles[0].contents);
  await rename(unfinished, outfile);
  return outfile;
}

checkNode();
const [name, ...args] = process.argv.slice(2);
if (name === undefined || !/^[A-Za-z0-9/]+$/.test(name)) {
  fail('Usage: node scripts/run.mjs NAME [arguments]   runs scripts/NAME.ts');
}
try {
  await install();
  process.chdir(root);
  const outfile = await bundle(name);
  process.argv = [process.argv[0], path.join(root, 'scripts', `${name}.ts`), ...args];
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(outfile).href);
} catch (error) {
  fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
