import { quoteIdentifier, quoteLiteral } from '../quote';

/**
 * Statements for a person to read, to copy and to run elsewhere. This file knows no session: nothing
 * of it is ever run by us (a test keeps it so, and all other changing SQL in the write gate).
 */

export function letRoleReplicate(role: string): string {
  return `ALTER ROLE ${quoteIdentifier(role)} REPLICATION;`;
}

/** Of a role that comes with the server. On Amazon RDS replication is granted so. */
export function grantMembership(
  group: 'pg_read_all_stats' | 'rds_replication',
  role: string,
): string {
  return `GRANT ${group} TO ${quoteIdentifier(role)};`;
}

export function publishEverything(publication: string): string {
  return `ALTER PUBLICATION ${quoteIdentifier(publication)} SET (publish = 'insert, update, delete, truncate');`;
}

export function identifyByWholeRow(schema: string, table: string): string {
  return `ALTER TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(table)} REPLICA IDENTITY FULL;`;
}

export function dropLostSlot(slot: string): string {
  return `SELECT pg_catalog.pg_drop_replication_slot(${quoteLiteral(slot)});`;
}

/** On the primary: a standby's new slot waits for it. */
export const LOG_STANDBY_SNAPSHOT = 'SELECT pg_catalog.pg_log_standby_snapshot();';

/** `ALTER SYSTEM`, and the reload where no restart is needed. */
export function alterSystem(name: string, values: readonly string[], reloads: boolean): string {
  // Each element by itself: whether the server quotes it or not, a list stays a list.
  const list = values.map(value => `'${value.replaceAll("'", "''")}'`).join(', ');
  const statement = `ALTER SYSTEM SET ${name} = ${list};`;
  return reloads ? `${statement}\nSELECT pg_catalog.pg_reload_conf();` : statement;
}
