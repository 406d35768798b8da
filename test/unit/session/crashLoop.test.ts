import { describe, expect, it } from 'vitest';
import type { Lsn } from '../../../src/base/lsn';
import { ServerError } from '../../../src/postgres/serverError';
import { CrashLoop } from '../../../src/session/crashLoop';
import { shutdownEnd } from '../../../src/session/endReasons';

const target = {
  host: 'db',
  port: 5432,
  user: 'ada',
  database: 'shop',
  sslMode: 'prefer',
  connectTimeout: 10,
} as const;
const crash = shutdownEnd(target, new ServerError('terminating', '57P02', 'WARNING', '', ''));
const restart = shutdownEnd(target, new ServerError('terminating', '57P01', 'FATAL', '', ''));
const at = (lsn: number): Lsn => BigInt(lsn) as Lsn;

describe('a server that crashes again and again', () => {
  it('is left alone after the third time without a transaction between', () => {
    const loop = new CrashLoop();
    expect(loop.note(crash, at(7))).toBe(false);
    expect(loop.note(crash, at(7))).toBe(false);
    expect(loop.note(crash, at(7))).toBe(true);
  });

  it('counts from the start where a transaction came between', () => {
    const loop = new CrashLoop();
    expect(loop.note(crash, at(7))).toBe(false);
    expect(loop.note(crash, at(7))).toBe(false);
    expect(loop.note(crash, at(8))).toBe(false);
    expect(loop.note(crash, at(8))).toBe(false);
    expect(loop.note(crash, at(8))).toBe(true);
  });

  it('is told from one that restarts', () => {
    const loop = new CrashLoop();
    for (let n = 0; n < 10; n++) expect(loop.note(restart, at(7))).toBe(false);
  });
});
