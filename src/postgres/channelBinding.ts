import type { ConnectionTarget } from '../shared/connection';
import type { PgConnection, PgTls } from './pgClient';
import { ConnectionError } from './serverError';

/** Answers of the server that ask for a password in a way that no connection can be bound to. */
const UNBOUND = ['authenticationCleartextPassword', 'authenticationMD5Password'];

/**
 * channel_binding=require: the server must prove with SCRAM-SHA-256-PLUS that it knows the password and
 * that nobody stands between; before anything else it asks for gets an answer, `fail` is called
 * (fe-auth.c: check_expected_areq). To be called before `pg` listens, which it does at connect().
 */
export function watchChannelBinding(
  connection: PgConnection,
  target: ConnectionTarget,
  tls: PgTls,
  fail: (error: ConnectionError) => void,
): void {
  if (target.channelBinding !== 'require') return;
  const refuse = (reason: string): void => {
    fail(new ConnectionError('channel-binding', `channel_binding=require: ${reason}`));
  };
  let proven = false;
  for (const name of UNBOUND) {
    connection.once(name, () => {
      refuse('the server asks for a password without it');
    });
  }
  connection.once('authenticationSASL', (message: { readonly mechanisms: readonly string[] }) => {
    if (tls === false) refuse('the connection is not encrypted');
    else if (!message.mechanisms.includes('SCRAM-SHA-256-PLUS')) {
      refuse('the server does not offer SCRAM-SHA-256-PLUS');
    }
  });
  connection.once('authenticationSASLFinal', () => {
    proven = true;
  });
  connection.once('authenticationOk', () => {
    if (!proven) refuse('the server asked for no password');
  });
}
