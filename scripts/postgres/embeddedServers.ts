import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../projectRoot';

/** The majors that there are packages of, oldest first. */
export const POSTGRES_MAJORS = [14, 15, 16, 17, 18] as const;
export type PostgresMajor = (typeof POSTGRES_MAJORS)[number];

const run = promisify(execFile);

/**
 * Installs the servers of these majors if they are not there yet and returns the folder of each,
 * which has bin/, lib/ and share/. Every major is installed on its own, from the one lock file in
 * test/hosts/postgres, so that a demo needs one download and not five. Two processes may do this at
 * the same time: each installs aside and the first rename wins.
 */
export async function ensurePostgres(
  majors: readonly PostgresMajor[] = POSTGRES_MAJORS,
): Promise<ReadonlyMap<PostgresMajor, string>> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The embedded Postgres servers are set up for Linux x64; this is ${process.platform} ${process.arch}.`,
    );
  }
  return new Map(
    await Promise.all(majors.map(async major => [major, await ensureMajor(major)] as const)),
  );
}

interface LockFile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly dependencies?: Record<string, string> }>
  >;
}

async function ensureMajor(major: PostgresMajor): Promise<string> {
  const root = PROJECT_ROOT;
  const alias = `pg${major}`;
  const hostFolder = path.join(root, 'test/hosts/postgres');
  const lock = JSON.parse(
    await readFile(path.join(hostFolder, 'package-lock.json'), 'utf8'),
  ) as LockFile;
  const entry = lock.packages[`node_modules/${alias}`];
  const specifier = lock.packages['']?.dependencies?.[alias];
  if (entry?.version === undefined || specifier === undefined) {
    throw new Error(`test/hosts/postgres has no Postgres ${major}.`);
  }
  const cache = path.join(root, '.cache/postgres');
  const folder = path.join(cache, `${alias}-${entry.version}`);
  const native = path.join(folder, 'node_modules', alias, 'native');
  if (existsSync(path.join(native, 'bin/postgres'))) return native;

  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(path.join(cache, `${alias}-installing-`));
  try {
    const manifest = { name: alias, version: '0.0.0', dependencies: { [alias]: specifier } };
    await writeFile(path.join(aside, 'package.json'), JSON.stringify(manifest));
    await writeFile(
      path.join(aside, 'package-lock.json'),
      JSON.stringify({
        name: alias,
        version: '0.0.0',
        lockfileVersion: lock.lockfileVersion,
        requires: true,
        packages: { '': manifest, [`node_modules/${alias}`]: entry },
      }),
    );
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], aside);
    await hydrateSymlinks(path.join(aside, 'node_modules', alias, 'native'));
    await chmod(aside, 0o755);
    await rename(aside, folder).catch((error: unknown) => {
      if (!existsSync(path.join(native, 'bin/postgres'))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return native;
}

async function npm(args: readonly string[], cwd: string): Promise<void> {
  try {
    await run('npm', [...args], { cwd, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new Error(`npm ${args.join(' ')} failed: ${stderr ?? String(error)}`, { cause: error });
  }
}

/**
 * npm cannot pack symbolic links, so the package lists them in a file and makes them in an install
 * script; we install without scripts and make them ourselves.
 */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly {
    readonly source: string;
    readonly target: string;
  }[];
  const base = path.dirname(native);
  for (const { source, target } of links) {
    const link = path.join(base, target);
    await mkdir(path.dirname(link), { recursive: true });
    await rm(link, { force: true });
    await symlink(path.relative(path.dirname(link), path.join(base, source)), link);
  }
}
