import type { TargetSessionAttrs } from '../shared/connection';
import type { PgClient } from './pgClient';
import { ConnectionError } from './serverError';

/** What one round through a list accepts: `prefer-standby` is a round for standbys and one for any server. */
export type ServerKind = Exclude<TargetSessionAttrs, 'prefer-standby'>;

export function roundsOf(attrs: TargetSessionAttrs | undefined): readonly ServerKind[] {
  return attrs === 'prefer-standby' ? ['standby', 'any'] : [attrs ?? 'any'];
}

/**
 * Looks whether the server that answers is of the kind that is asked for (fe-connect.c:
 * CONNECTION_CHECK_TARGET). Servers report by themselves what is needed; a pooler may not, and is asked.
 * Rejects with a ConnectionError of code `wrong-server`.
 */
export async function requireServerKind(
  kind: ServerKind,
  client: PgClient,
  parameters: ReadonlyMap<string, string>,
): Promise<void> {
  switch (kind) {
    case 'any':
      return;
    case 'primary':
      if (await isStandby(client, parameters)) throw wrong('is a standby');
      return;
    case 'standby':
      if (!(await isStandby(client, parameters))) throw wrong('is not a standby');
      return;
    case 'read-write':
      if (await isReadOnly(client, parameters)) throw wrong('is read-only');
      return;
    case 'read-only':
      if (!(await isReadOnly(client, parameters))) throw wrong('is not read-only');
      return;
  }
}

async function isStandby(
  client: PgClient,
  parameters: ReadonlyMap<string, string>,
): Promise<boolean> {
  const reported = parameters.get('in_hot_standby');
  if (reported !== undefined) return reported === 'on';
  return (await ask(client, 'SELECT pg_catalog.pg_is_in_recovery()')) === 't';
}

async function isReadOnly(
  client: PgClient,
  parameters: ReadonlyMap<string, string>,
): Promise<boolean> {
  const standby = parameters.get('in_hot_standby');
  const readOnly = parameters.get('default_transaction_read_only');
  if (standby !== undefined && readOnly !== undefined) return standby === 'on' || readOnly === 'on';
  return (await ask(client, 'SHOW transaction_read_only')) === 'on';
}

/** The one value that a statement gives. */
async function ask(client: PgClient, text: string): Promise<string | null | undefined> {
  const result = await client.query({ text, rowMode: 'array' });
  return 'rows' in result ? result.rows[0]?.[0] : undefined;
}

function wrong(reason: string): ConnectionError {
  return new ConnectionError('wrong-server', reason);
}
