import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../../scripts/projectRoot';
import { demandTests } from '../../../scripts/test/tier';
import { countReport } from '../../../scripts/test/vitestTier';

const report = (passed: number, failed: number, files: readonly boolean[] = []) => ({
  numPassedTests: passed,
  numFailedTests: failed,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: files.map((hasFailedTest, i) => ({
    name: `file${i}`,
    status: 'failed' as const,
    assertionResults: hasFailedTest ? [{ status: 'failed' }] : [],
  })),
});

describe('countReport', () => {
  it('counts tests', () => {
    expect(countReport(report(3, 0), 0)).toMatchObject({ passed: 3, failed: 0, note: '' });
    expect(countReport(report(3, 2, [true]), 1)).toMatchObject({ passed: 3, failed: 2, note: '' });
  });

  it('counts a file that could not be loaded', () => {
    expect(countReport(report(3, 1, [true, false]), 1).failed).toBe(2);
  });

  it('counts an error outside of every test', () => {
    expect(countReport(report(3, 0), 1).failed).toBe(1);
  });

  it('names what failed, and why', () => {
    const name = path.join(PROJECT_ROOT, 'test/unit/a.test.ts');
    const failed = {
      status: 'failed',
      fullName: 'a is b',
      failureMessages: ['a was c\n  at a.ts'],
    };
    const testResults = [
      { name, status: 'failed' as const, assertionResults: [{ status: 'passed' }, failed] },
      { name, status: 'failed' as const, message: 'no such import', assertionResults: [] },
    ];
    expect(countReport({ ...report(1, 1), testResults }, 1).failures).toEqual([
      'test/unit/a.test.ts > a is b\na was c\n  at a.ts',
      'test/unit/a.test.ts\nno such import',
    ]);
  });

  it('says what was skipped', () => {
    expect(countReport({ ...report(3, 0), numPendingTests: 2 }, 0).note).toBe('2 skipped');
  });
});

describe('demandTests', () => {
  it('makes a run of nothing a failure', () => {
    expect(demandTests({ passed: 0, failed: 0, note: '' }).failed).toBe(1);
  });
});
