import type { ProfileFacts } from '../../shared/connection';
import type { ServerFacts } from '../catalog/serverFacts';
import type { ChangeKind } from './serverChange';
import { WriteRefused } from './writeRefused';

/** A change as far as it is known before any question was asked. */
export interface ChangeIntent {
  readonly kind: ChangeKind;
  /** Of the slot; a slot of unknown type counts as logical. */
  readonly type?: 'logical' | 'physical';
  /** Of the slot or the publication. */
  readonly name?: string;
}

const DOING: Readonly<Record<ChangeKind, string>> = {
  'create-slot': 'creating',
  'copy-slot': 'copying',
  'advance-slot': 'advancing',
  'drop-slot': 'dropping',
  'consume-slot': 'consuming',
  'create-publication': 'creating',
};

/**
 * Why a change is impossible whatever else is answered: the profile is read-only, or the server is a
 * standby that cannot do it. Undefined when nothing is known against it. For asking before a dialog;
 * the gate asks it in any case.
 */
export function refusalOf(
  intent: ChangeIntent,
  profile: ProfileFacts,
  server?: Pick<ServerFacts, 'role' | 'versionNum' | 'version'>,
): WriteRefused | undefined {
  if (profile.readOnly) {
    return new WriteRefused(
      'read-only',
      `${JSON.stringify(profile.name)} is read-only: ${DOING[intent.kind]} ${objectOf(intent)} is not allowed.`,
    );
  }
  if (server?.role !== 'standby') return undefined;
  const problem = standbyProblem(intent, server);
  return problem === undefined ? undefined : new WriteRefused('standby', problem);
}

function standbyProblem(
  { kind, type }: ChangeIntent,
  server: Pick<ServerFacts, 'versionNum' | 'version'>,
): string | undefined {
  if (kind === 'create-publication') {
    return 'This server is a standby, where nothing can be created. Create the publication on the primary.';
  }
  // Dropping needs no decoding, and a physical slot has none.
  if (kind === 'drop-slot' || type === 'physical' || server.versionNum >= 160_000) return undefined;
  return `This server is a standby with PostgreSQL ${server.version}: standbys have logical slots from 16 on. Connect to the primary.`;
}

function objectOf({ kind, name }: ChangeIntent): string {
  const what = kind === 'create-publication' ? 'publication' : 'slot';
  if (name !== undefined) return `the ${what} ${JSON.stringify(name)}`;
  return kind === 'create-slot' || kind === 'create-publication' ? `a ${what}` : `the ${what}`;
}
