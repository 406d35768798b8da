import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * A client program of Debian's postgresql-15 or postgresql-client-15 (pg_recvlogical, pgbench, psql,
 * pg_waldump): the npm packages have servers only. Throws a sentence that says what to install.
 */
export function findDebianTool(name: string): string {
  for (const folder of ['/usr/lib/postgresql/15/bin', '/usr/bin']) {
    const file = path.join(folder, name);
    if (existsSync(file)) return file;
  }
  throw new Error(
    `${name} is not installed: apt-get install --no-install-recommends postgresql-15 postgresql-client-15`,
  );
}
