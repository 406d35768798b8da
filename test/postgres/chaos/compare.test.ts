import { describe, expect, it } from 'vitest';
import { compare, NO_FINDINGS } from './compare';

const transaction = (xid: number, ...changes: string[]) => ({ xid, changes });
const committed = (xid: number, endLsn: bigint, ...changes: string[]) => ({ xid, endLsn, changes });
const ORACLE = [committed(1, 10n, 'a', 'b'), committed(2, 20n, 'c'), committed(3, 30n, 'd')];
const ALL = ORACLE.map(({ xid, changes }) => transaction(xid, ...changes));
const [first, second, third] = ALL as [(typeof ALL)[0], (typeof ALL)[0], (typeof ALL)[0]];

describe('the judgement over a stream finds', () => {
  it('nothing where everything is there once', () => {
    expect(compare(ALL, ORACLE)).toEqual(NO_FINDINGS);
  });
  it('what is lost', () => {
    expect(compare([first, third], ORACLE)).toEqual({ ...NO_FINDINGS, lost: ['2 at 0/14'] });
  });
  it('what is repeated', () => {
    expect(compare([first, second, second, third], ORACLE)).toMatchObject({ repeated: [2] });
  });
  it('what nobody committed', () => {
    expect(compare([...ALL, transaction(9, 'x')], ORACLE)).toMatchObject({ invented: [9] });
  });
  it('what stands in another order', () => {
    expect(compare([second, first, third], ORACLE)).toEqual({ ...NO_FINDINGS, disordered: true });
  });
  it('a change that is missing, too many, another, or in another place', () => {
    const others = [['a'], ['a', 'b', 'b'], ['a', 'B'], ['b', 'a']];
    for (const changes of others) {
      const { different } = compare([transaction(1, ...changes), second, third], ORACLE);
      expect(different).toHaveLength(1);
    }
  });
  it('that a gap is one only for what ended within it', () => {
    const gaps = [{ from: 10n, to: 20n }];
    expect(compare([first, third], ORACLE, gaps)).toEqual(NO_FINDINGS);
    expect(compare(ALL, ORACLE, gaps)).toEqual({ ...NO_FINDINGS, invented: [2] });
    expect(compare([third], ORACLE, gaps)).toEqual({ ...NO_FINDINGS, lost: ['1 at 0/A'] });
    expect(compare([first], ORACLE, gaps)).toEqual({ ...NO_FINDINGS, lost: ['3 at 0/1E'] });
  });
});
