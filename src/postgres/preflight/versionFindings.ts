import type { ServerFacts } from '../catalog/serverFacts';
import { ok, problem, warning, type Finding } from './finding';

/** The day of the last minor release of each major version (postgresql.org/support/versioning). */
const LAST_RELEASE: ReadonlyMap<number, string> = new Map([
  [14, '2026-11-12'],
  [15, '2027-11-11'],
  [16, '2028-11-09'],
  [17, '2029-11-08'],
  [18, '2030-11-14'],
  [19, '2031-11-13'],
]);

const [OLDEST, NEWEST] = [14, 19];

/** `today` as `YYYY-MM-DD`. */
export function versionFinding({ version, versionNum }: ServerFacts, today: string): Finding {
  const major = Math.floor(versionNum / 10_000);
  const name = `PostgreSQL ${version}`;
  if (versionNum === 0) {
    return warning('version', `The version "${version}" cannot be read.`, 'Expect surprises.');
  }
  if (major < OLDEST) {
    return problem(
      'version',
      `${name} is older than ${String(OLDEST)}, the first version that is understood here.`,
      'Upgrade the server.',
    );
  }
  if (major > NEWEST) {
    return warning(
      'version',
      `${name} is newer than ${String(NEWEST)}, the newest version that is known here.`,
      'Look for an update of this program; what it does not know is shown as it came.',
    );
  }
  const last = LAST_RELEASE.get(major) ?? '';
  if (today > last) {
    return warning(
      'version',
      `${name} gets no fixes any more: its last release was on ${last}.`,
      'Upgrade the server to a version that is supported.',
    );
  }
  return ok('version', `${name}, supported until ${last}.`);
}
