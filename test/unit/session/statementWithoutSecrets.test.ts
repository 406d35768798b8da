import { describe, expect, it } from 'vitest';
import { statementWithoutSecrets } from '../../../src/session/statementWithoutSecrets';

describe('a statement of somebody who writes', () => {
  it.each([
    ["ALTER ROLE app PASSWORD 'hunter2'", 'ALTER ROLE app PASSWORD'],
    [
      'create user app with encrypted\n password $x$hunter2$x$',
      'create user app with encrypted\n password',
    ],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'host=a password=hunter2' PUBLICATION p",
      "CREATE SUBSCRIPTION s CONNECTION 'host=a password",
    ],
    [
      "CREATE SUBSCRIPTION s CONNECTION 'postgres://u:hunter2@a/db' PUBLICATION p",
      "CREATE SUBSCRIPTION s CONNECTION 'postgres",
    ],
    ["SELECT dblink('postgres://ann:hunt", "SELECT dblink('postgres"],
    [
      "CREATE USER MAPPING FOR a SERVER s OPTIONS (passwd 'hunter2')",
      'CREATE USER MAPPING FOR a SERVER s OPTIONS (passwd',
    ],
  ])('is kept up to its password: %s', (statement, kept) => {
    expect(statementWithoutSecrets(statement)).toBe(kept);
  });

  it.each([
    "UPDATE orders SET status = 'paid' WHERE id = 7",
    "INSERT INTO links VALUES ('https://example.com:8080/a@b')",
    "UPDATE t SET mail = 'a@b.example', note = 'http://a/b:c@d'",
    '',
  ])('stays as it is without one: %s', statement => {
    expect(statementWithoutSecrets(statement)).toBe(statement);
  });
});
