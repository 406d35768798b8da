import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, chmodSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Leftovers } from './leftovers';

/** The user that a server runs as; undefined means the user we are. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Postgres refuses to run as root. Root lends it an unprivileged user that exists already; none is
 * created.
 */
export function chooseServerUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const entry = users.find(fields => fields[0] === name);
    const uid = Number(entry?.[2]);
    const gid = Number(entry?.[3]);
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw new Error(
    'Postgres does not run as root, and neither "postgres" nor "nobody" exists here.',
  );
}

const readableCopies = new Map<string, string>();

/**
 * The folder of server programs that `user` can run: `native` itself, or a copy in the temporary
 * folder where `native` lies below a folder that is closed to others, such as /root.
 */
export function runnableServer(
  native: string,
  user: ServerUser | undefined,
  leftovers: Leftovers,
): string {
  if (user === undefined || canRun(native, user)) return native;
  const known = readableCopies.get(native);
  if (known !== undefined && existsSync(known)) return known;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pgwx-server-'));
  leftovers.add(folder);
  chmodSync(folder, 0o755);
  cpSync(native, path.join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  const copy = path.join(folder, 'native');
  if (!canRun(copy, user)) throw new Error(`User ${user.uid} cannot run the server in ${copy}.`);
  readableCopies.set(native, copy);
  return copy;
}

function canRun(native: string, user: ServerUser): boolean {
  const program = path.join(native, 'bin/postgres');
  return spawnSync(program, ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0;
}
