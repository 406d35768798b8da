import type { PgConnection } from './pgClient';
import { ConnectionError } from './serverError';

/** The words of require_auth (doc: "Parameter Key Words"). */
export const AUTH_METHODS: readonly string[] = [
  'password',
  'md5',
  'gss',
  'sspi',
  'scram-sha-256',
  'oauth',
  'none',
];

/**
 * require_auth: the server may ask for a password only in ways that are listed, or that are not excluded; what
 * else it asks for gets no answer, and `fail` is called (fe-auth.c: check_expected_areq). To be called
 * before `pg` listens, which it does at connect().
 */
export function watchRequiredAuth(
  connection: PgConnection,
  required: readonly string[] | undefined,
  fail: (error: ConnectionError) => void,
): void {
  if (required === undefined || required.length === 0) return;
  let finished = false;
  const request = (method: string): void => {
    if (!accepts(required, method)) refuse(`the server asks for ${method}`);
  };
  const refuse = (reason: string): void => {
    fail(new ConnectionError('require-auth', `require_auth=${required.join(',')}: ${reason}`));
  };
  connection.once('authenticationCleartextPassword', () => {
    request('password');
    finished = true;
  });
  connection.once('authenticationMD5Password', () => {
    request('md5');
    finished = true;
  });
  connection.once('authenticationSASL', (message: { readonly mechanisms: readonly string[] }) => {
    const scram = message.mechanisms.some(mechanism => mechanism.startsWith('SCRAM-'));
    request(scram ? 'scram-sha-256' : 'oauth');
  });
  connection.once('authenticationSASLFinal', () => {
    finished = true;
  });
  connection.once('authenticationOk', () => {
    if (!finished && !accepts(required, 'none')) refuse('the server asked for no password');
  });
}

/** Either all have a `!` or none has. */
function accepts(required: readonly string[], method: string): boolean {
  return required[0]?.startsWith('!') === true
    ? !required.includes(`!${method}`)
    : required.includes(method);
}
