import { existsSync } from 'node:fs';
import process from 'node:process';
import { exclusively } from '../process/exclusively';
import { runCommand } from '../process/runCommand';
import { findDebianTool } from '../postgres/debianTool';
import { findChromium } from '../vscode/browser';

interface Need {
  readonly what: string;
  readonly packages: readonly string[];
  isThere(): boolean;
}

const CHROMIUM: Need = {
  what: 'Chromium',
  packages: ['chromium', 'fonts-dejavu-core'],
  isThere: () => findChromium() !== undefined,
};

const POSTGRES_CLIENTS: Need = {
  what: 'pg_recvlogical and pgbench',
  packages: ['postgresql-15', 'postgresql-client-15'],
  isThere: () => {
    try {
      findDebianTool('pg_recvlogical');
      findDebianTool('pgbench');
      return true;
    } catch {
      // Its message says what to install; that is ours to say or to do.
      return false;
    }
  },
};

const INSTALL = ['install', '-y', '--no-install-recommends'];

async function ensure(need: Need): Promise<void> {
  if (need.isThere()) return;
  const byHand = `apt-get ${INSTALL.join(' ')} ${need.packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`${need.what} is missing. On Debian: ${byHand}`);
  }
  await exclusively('apt', async () => {
    console.log(`Installing ${need.packages.join(', ')} (apt-get)`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    // Somebody else's apt may be at work: wait for it.
    const wait = ['-o', 'DPkg::Lock::Timeout=300'];
    const install = () => runCommand('apt-get', [...wait, ...INSTALL, ...need.packages], { env });
    let result = await install();
    if (result.status !== 0) {
      // A bare image has no package lists yet, or old ones.
      await runCommand('apt-get', [...wait, 'update'], { env });
      result = await install();
    }
    if (result.status !== 0) throw new Error(`${byHand} failed:\n${result.output.slice(-2000)}`);
  });
}

/** Sees to it that there is a Chromium: installs it when root on Debian, else says what to do. */
export async function ensureChromium(): Promise<void> {
  await ensure(CHROMIUM);
}

/** The same for Postgres's own client programs, which tests compare ours with. */
export async function ensurePostgresClients(): Promise<void> {
  await ensure(POSTGRES_CLIENTS);
}
