import { describe, expect, it } from 'vitest';
import { WriteRefused } from '../../../src/postgres/changes/writeRefused';
import { ConnectionError, ServerError } from '../../../src/postgres/serverError';
import { Backoff } from '../../../src/session/backoff';
import { mayPass } from '../../../src/session/mayPass';
import { SessionEnded } from '../../../src/session/sessionRequest';

describe('the waits before a stream comes back', () => {
  it('double from half a second to half a minute, each with full jitter', () => {
    const most = new Backoff(() => 1);
    const waits = Array.from({ length: 9 }, () => most.next());
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(most.attempt).toBe(9);
    most.reset();
    expect(most.next()).toBe(500);
    const half = new Backoff(() => 0.5);
    expect([half.next(), half.next()]).toEqual([250, 500]);
    expect(new Backoff(() => 0).next()).toBe(0);
  });

  it('stay bounded however many attempts there are', () => {
    const backoff = new Backoff(() => 1);
    for (let i = 0; i < 5000; i++) expect(backoff.next()).toBeLessThanOrEqual(30_000);
  });
});

describe('what another attempt may help', () => {
  const server = (state: string): ServerError => new ServerError('said the server', state);
  const network = (code: string): ConnectionError =>
    new ConnectionError('network', code, { cause: Object.assign(new Error(code), { code }) });

  it.each([
    '57P01',
    '57P02',
    '57P03',
    '57P05',
    '53300',
    '53400',
    '53200',
    '55006',
    '08006',
    '08P01',
  ])('is SQLSTATE %s', state => {
    expect(mayPass(server(state))).toBe(true);
  });

  it.each([
    '28P01',
    '28000',
    '3D000',
    '42501',
    '42704',
    '55000',
    '58P01',
    'XX000',
    '57P04',
    '53100',
    '57014',
  ])('is not SQLSTATE %s', state => {
    expect(mayPass(server(state))).toBe(false);
  });

  it('is a network or a name server that is away, and not a certificate', () => {
    for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'ENOTFOUND', 'EHOSTUNREACH']) {
      expect(mayPass(network(code)), code).toBe(true);
    }
    expect(mayPass(network('CERT_HAS_EXPIRED'))).toBe(false);
    expect(mayPass(network('DEPTH_ZERO_SELF_SIGNED_CERT'))).toBe(false);
    const both = new AggregateError([
      Object.assign(new Error('v6'), { code: 'ENETUNREACH' }),
      Object.assign(new Error('v4'), { code: 'ECONNREFUSED' }),
    ]);
    expect(mayPass(new ConnectionError('network', 'both', { cause: both }))).toBe(true);
    expect(mayPass(new ConnectionError('timeout', 'late'))).toBe(true);
    expect(mayPass(new ConnectionError('closed', 'gone'))).toBe(true);
    expect(mayPass(new ConnectionError('password-missing', 'which'))).toBe(false);
    expect(mayPass(new ConnectionError('aborted', 'by us'))).toBe(false);
  });

  it('is a server with too few slots or senders for now, and not what the profile forbids', () => {
    expect(mayPass(new WriteRefused('too-few-slots', 'one is left', true))).toBe(true);
    expect(mayPass(new WriteRefused('too-few-senders', 'one is left', true))).toBe(true);
    expect(mayPass(new WriteRefused('read-only', 'no'))).toBe(false);
    expect(mayPass(new WriteRefused('level-switch', 'no', true))).toBe(false);
  });

  it('is an end that says so', () => {
    const failure = { code: 'slot-in-use', message: 'In use', action: '', detail: '' };
    expect(mayPass(SessionEnded.failed(failure))).toBe(false);
    expect(mayPass(SessionEnded.failed(failure, { passing: true }))).toBe(true);
  });
});
