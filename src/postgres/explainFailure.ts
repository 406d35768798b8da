import { existsSync } from 'node:fs';
import { ensureDefined } from '../base/assert';
import type { ConnectionTarget, Failure } from '../shared/connection';
import { ConnectionStringError } from './connectionString';
import { SERVER_RULES, type FailureContext, type FailureRule } from './failureRules';
import { formatTarget } from './formatTarget';
import { NETWORK_RULES } from './networkRules';
import { explainSsh } from './ssh/explainSsh';
import { SshError } from './ssh/sshError';
import { ConnectionError, NoServerError, ServerError } from './serverError';
import { atServer, formatServer } from './serverList';
import { WriteRefused } from './changes/writeRefused';

export type { FailureContext } from './failureRules';

/**
 * Says in a sentence why connecting or streaming failed and what to do about it. Takes whatever was
 * thrown; never contains a password.
 */
export function explainFailure(error: unknown, context: FailureContext): Failure {
  const full = { inContainer: isContainer(), ...context };
  const failure = explain(error, full);
  const { password, sslPassword, servers } = context.target;
  const secrets = [password, sslPassword, ...(servers ?? []).map(each => each.password)];
  const detail = secrets.reduce<string>(
    (text, secret) =>
      secret === undefined || secret === '' ? text : text.replaceAll(secret, '***'),
    failure.detail,
  );
  return { ...failure, detail };
}

function explain(error: unknown, context: FailureContext): Failure {
  if (error instanceof ServerError) return explainServer(error, context);
  if (error instanceof NoServerError) return explainServers(error, context);
  if (error instanceof ConnectionError) return explainConnection(error, context);
  if (error instanceof WriteRefused) {
    const action = error.overridable ? 'Confirm that you want it all the same.' : '';
    return { code: error.code, message: error.message, action, detail: '' };
  }
  if (error instanceof ConnectionStringError) {
    return {
      code: error.code,
      message: error.message,
      action: 'Correct the connection string.',
      detail: '',
    };
  }
  return explainNetwork(error, context);
}

function explainServer(error: ServerError, context: FailureContext): Failure {
  const detail = [
    `${error.severity} ${error.sqlState}: ${error.message}`,
    ...(error.detail === '' ? [] : [`DETAIL: ${error.detail}`]),
    ...(error.hint === '' ? [] : [`HINT: ${error.hint}`]),
  ].join('\n');
  const rule = findRule(SERVER_RULES, error.sqlState, error.message, error.severity);
  if (rule !== undefined) return apply(rule, context, error.message, detail);
  return {
    code: 'server-error',
    message: `${context.target.host} reported: ${sentence(error.message)}`,
    action: error.hint,
    detail,
  };
}

/** Each server that was tried, and why not it; where one has ended the search, that one first. */
function explainServers({ attempts, final }: NoServerError, context: FailureContext): Failure {
  const failures = attempts.map(({ server, error }) =>
    explain(error, { ...context, target: atServer(context.target, server) }),
  );
  const detail = attempts
    .map(({ server }, at) => `${formatServer(server)}: ${failures[at]?.detail ?? ''}`)
    .join('\n');
  const last = ensureDefined(failures.at(-1), 'the last attempt');
  const messages = distinct(failures.map(failure => failure.message));
  if (final) {
    const before = distinct(failures.slice(0, -1).map(failure => failure.message));
    const remark = before.length === 0 ? '' : ` Before it: ${before.join(' ')}`;
    return { ...last, message: `${last.message}${remark}`, detail };
  }
  const codes = distinct(failures.map(failure => failure.code));
  const actions = distinct(failures.map(failure => failure.action));
  return {
    code: codes.length === 1 ? last.code : 'no-server',
    message: `None of ${String(attempts.length)} servers took the connection. ${messages.join(' ')}`,
    action: actions.length === 1 ? last.action : checkServers(context.target),
    detail,
  };
}

/** Only who asks for a kind of server can have asked for the wrong one. */
function checkServers({ targetSessionAttrs = 'any' }: ConnectionTarget): string {
  return targetSessionAttrs === 'any'
    ? 'Check whether the servers run, and the names and ports of the list.'
    : `Check whether the servers run, and whether one of them is what target_session_attrs=${targetSessionAttrs} asks for.`;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

function explainConnection(error: ConnectionError, context: FailureContext): Failure {
  const { target } = context;
  const where = formatTarget(target);
  const own = (message: string, action: string): Failure => ({
    code: error.code,
    message,
    action,
    detail: describe(error),
  });
  switch (error.code) {
    case 'network':
      return explainNetwork(error.cause ?? error, context);
    case 'ssh':
      return error instanceof SshError
        ? explainSsh(error, target)
        : own(sentence(error.message), '');
    case 'timeout':
      if (target.ssh !== undefined) {
        return own(
          `${formatServer(target)} did not answer within ${String(target.connectTimeout)} seconds through the SSH server ${target.ssh}.`,
          'Check host and port as the SSH server sees them, and firewalls on both ways.',
        );
      }
      return own(
        `${target.host}:${String(target.port)} did not answer within ${String(target.connectTimeout)} seconds.`,
        'Check host and port, the network or VPN, and firewalls.',
      );
    case 'password-missing':
      return own(
        `The user "${target.user}" needs a password for ${target.host}.`,
        'Enter the password, or put it into the password file.',
      );
    case 'tls-refused':
      return own(
        `${target.host} does not offer TLS, and sslmode=${target.sslMode} demands it.`,
        'Turn TLS on at the server, or use sslmode=prefer on a network that you trust.',
      );
    case 'tls-no-root-certificate':
      return own(
        `sslmode=${target.sslMode} needs the certificate of an authority to check against, and there is none.`,
        'Set sslrootcert, or put the certificate where libpq looks for it (root.crt).',
      );
    case 'not-postgres':
      return own(
        `${target.host}:${String(target.port)} does not answer as a Postgres server does.`,
        'Check host and port.',
      );
    case 'tls-file':
      return own(
        `A certificate file cannot be read: ${sentence(error.message)}`,
        'Correct its path.',
      );
    case 'tls-key':
      return own(
        `The client certificate cannot be used: ${sentence(error.message)}`,
        'Correct sslcert, sslkey, sslpassword or the permissions of the file.',
      );
    case 'tls-direct-refused':
      return own(
        `${target.host}:${String(target.port)} does not begin with TLS at once, as sslnegotiation=direct does.`,
        'Leave sslnegotiation out; servers take direct TLS from version 17 on.',
      );
    case 'channel-binding':
      return own(
        `Channel binding with ${target.host} is not possible: ${sentence(error.message)}`,
        'Use TLS and a password that is stored as scram-sha-256, or channel_binding=prefer.',
      );
    case 'require-auth':
      return own(
        `${formatServer(target)} does not authenticate as required: ${sentence(error.message)}`,
        'Check that this is your server; if it is, add that way to require_auth.',
      );
    case 'auth-method':
      return own(
        `${formatServer(target)} asks for authentication by ${sentence(error.message)} Here it works by password, by certificate or not at all.`,
        'Ask for another entry in pg_hba.conf, such as scram-sha-256.',
      );
    case 'wrong-server':
      return own(
        `${formatServer(target)} ${error.message}, and target_session_attrs=${target.targetSessionAttrs ?? 'any'} asks for another server.`,
        'Add the host that is meant to the list, or ask for another kind of server.',
      );
    case 'no-server':
      return own(sentence(error.message), '');
    case 'aborted':
      return own(`Connecting to ${where} was cancelled.`, '');
    case 'closed':
      if (codeOf(error.cause) === 'ERR_STRING_TOO_LONG') {
        return {
          ...own(
            `${target.host} sent a value that is too long to be read as text.`,
            'Look through a copy of the slot, into a capture: that keeps every message as it came.',
          ),
          code: 'value-too-long',
        };
      }
      return {
        ...own(
          `The server closed the connection to ${where}.`,
          'Check the server, and whether a pooler or proxy stands in the way.',
        ),
        code: 'connection-lost',
      };
  }
}

function explainNetwork(error: unknown, context: FailureContext): Failure {
  const code = codeOf(error);
  const rule = findRule(NETWORK_RULES, code, '');
  if (rule !== undefined) return apply(rule, context, '', describe(error));
  if (/^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|CERT_)/.test(code)) {
    return {
      code: 'tls-failed',
      message: `TLS with ${context.target.host} could not be agreed on.`,
      action: 'Check sslmode and the certificate files; the log has the details.',
      detail: describe(error),
    };
  }
  return {
    code: 'unknown',
    message: `${formatTarget(context.target)}: ${sentence(messageOf(error))}`,
    action: '',
    detail: describe(error),
  };
}

function findRule(
  rules: readonly FailureRule[],
  state: string,
  text: string,
  severity = '',
): FailureRule | undefined {
  return rules.find(
    rule =>
      rule.states.includes(state) &&
      (rule.severity === undefined || rule.severity === severity) &&
      (rule.text === undefined || rule.text.test(text)),
  );
}

function apply(rule: FailureRule, context: FailureContext, error: string, detail: string): Failure {
  return {
    code: rule.code,
    message: rule.message(context, error.replace(/\.$/, '')),
    action: rule.action(context),
    detail,
  };
}

/** Node's code; of several attempts (one an address) the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && !('code' in error)) return codeOf(error.errors[0]);
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe(error: unknown): string {
  const code = codeOf(error);
  const cause = error instanceof Error && error.cause !== undefined ? describe(error.cause) : '';
  return [code, messageOf(error), cause].filter(part => part !== '').join(': ');
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The files that Docker and Podman leave in every container. */
function isContainer(): boolean {
  return existsSync('/.dockerenv') || existsSync('/run/.containerenv');
}
