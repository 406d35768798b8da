import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../../src/postgres/explainFailure';
import { ConnectionError, NoServerError, ServerError } from '../../../src/postgres/serverError';
import type { ConnectionTarget } from '../../../src/shared/connection';

const target: ConnectionTarget = {
  host: 'db',
  port: 5432,
  user: 'ada',
  database: 'shop',
  sslMode: 'prefer',
  connectTimeout: 10,
};

describe('what to do about a failure', () => {
  it.each([
    ['ada', 'ALTER ROLE ada REPLICATION;'],
    ['Ada', 'ALTER ROLE "Ada" REPLICATION;'],
    ['a"; DROP ROLE x; --', 'ALTER ROLE "a""; DROP ROLE x; --" REPLICATION;'],
  ])('gives SQL that is safe to copy for the role %s', (user, statement) => {
    const error = new ServerError('permission denied to start WAL sender', '42501', 'FATAL');
    const { code, action } = explainFailure(error, { target: { ...target, user } });
    expect(code).toBe('no-replication-privilege');
    expect(action).toContain(statement);
  });

  it.each([
    ['permission denied for database shop', 'FATAL', /GRANT CONNECT ON DATABASE shop TO ada;/],
    ['permission denied for database shop', 'ERROR', /GRANT CREATE ON DATABASE shop TO ada;/],
    ['must be owner of table replication_log', 'ERROR', /published by its owner/],
    ['must be superuser to create FOR ALL TABLES publication', 'ERROR', /by a superuser/],
    ['permission denied for function pg_copy_logical_replication_slot', 'ERROR', /the privilege/],
    ['must be superuser or replication role to use replication slots', 'ERROR', /ada REPLICATION;/],
  ])('asks for the privilege that is missing: %s (%s)', (message, severity, action) => {
    const error = new ServerError(message, '42501', severity);
    expect(explainFailure(error, { target }).action).toMatch(action);
  });

  it('says that what answers is no Postgres server', () => {
    const failure = explainFailure(new ConnectionError('not-postgres', 'x'), { target });
    expect(failure.message).toBe('db:5432 does not answer as a Postgres server does.');
    expect(failure.action).toBe('Check host and port.');
  });

  it('asks about the kind of a server only where one was asked for', () => {
    const attempts = [
      { server: { host: 'a', port: 1 }, error: new ConnectionError('timeout', 'x') },
      { server: { host: 'b', port: 2 }, error: new ConnectionError('not-postgres', 'x') },
    ];
    const error = new NoServerError(attempts, false);
    expect(explainFailure(error, { target }).action).not.toContain('target_session_attrs');
    const primary = { ...target, targetSessionAttrs: 'primary' } as const;
    expect(explainFailure(error, { target: primary }).action).toContain(
      'target_session_attrs=primary',
    );
  });
});
