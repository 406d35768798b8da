/**
 * Where a statement may begin to tell a password: `ALTER ROLE … PASSWORD '…'`, a connection string with
 * `password=`, or an address such as `postgres://user:secret@host`, which may be cut off itself. What
 * stands behind is not looked into, because it can be quoted, escaped and nested in too many ways.
 */
const SECRET = /passw(?:or)?d|:\/\/[^\s'"/@]*:[^\s'"/]*(?:@|$)/i;

/** A statement up to where a password may stand in it; the statement itself where none may. */
export function statementWithoutSecrets(statement: string): string {
  const found = SECRET.exec(statement);
  if (found === null) return statement;
  const [what] = found;
  return statement.slice(0, found.index + (what.startsWith(':') ? 0 : what.length));
}
