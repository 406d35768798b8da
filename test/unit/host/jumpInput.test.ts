import { describe, expect, it } from 'vitest';
import { readJumpInput } from '../../../src/host/timeline/jumpInput';

const NOW = new Date(2026, 10, 21, 15, 0, 0);
const read = (text: string) => readJumpInput(text, NOW);
const local = (...parts: [number, number, number, number, number, number?]) =>
  new Date(...parts).toISOString().replace('.000Z', '');

describe('where to go to', () => {
  it('is told apart by its shape', () => {
    expect(read(' 0/16b6c50 ')).toEqual({ target: { kind: 'lsn', lsn: '0/16b6c50' } });
    expect(read('763')).toEqual({ target: { kind: 'xid', xid: 763 } });
    expect(read('2026-11-20T13:00:00.123456Z')).toEqual({
      target: { kind: 'time', time: '2026-11-20T13:00:00.123456Z' },
    });
  });

  it('has a zone, or the clock of this machine', () => {
    const time = (text: string) => {
      const input = read(text);
      return 'target' in input && input.target.kind === 'time' ? input.target.time : input;
    };
    expect(time('2026-11-20 13:00:00.5+02')).toBe('2026-11-20T11:00:00.500000Z');
    expect(time('2026-11-20 13:00:00+0530')).toBe('2026-11-20T07:30:00.000000Z');
    expect(time('2026-11-20 13:00 -01:00')).toBe('2026-11-20T14:00:00.000000Z');
    expect(time('2026-11-20 13:00:07')).toBe(`${local(2026, 10, 20, 13, 0, 7)}.000000Z`);
    expect(time('2026-11-20')).toBe(`${local(2026, 10, 20, 0, 0)}.000000Z`);
    // As the list shows a time of today.
    expect(time('10:04:31.221907')).toBe(`${local(2026, 10, 21, 10, 4, 31)}.221907Z`);
    expect(time('9:05')).toBe(`${local(2026, 10, 21, 9, 5)}.000000Z`);
  });

  it.each([
    ['', ''],
    ['0/', 'An LSN is'],
    ['0/123456789', 'An LSN is'],
    ['g/1', 'An LSN is'],
    ['0', 'A transaction ID is'],
    ['4294967296', 'A transaction ID is'],
    ['2026-02-30', 'Enter an LSN'],
    ['2026-11-20 25:00', 'Enter an LSN'],
    ['24:61', 'Enter an LSN'],
    ['yesterday', 'Enter an LSN'],
  ])('says what is wrong with "%s"', (text, problem) => {
    const input = read(text);
    expect('problem' in input && input.problem.startsWith(problem)).toBe(true);
    if (problem === '') expect(input).toEqual({ problem: '' });
  });
});
