import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { runCommand } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';
import { demandTests, type Tier, type TierResult } from './tier';

/** The parts of vitest's JSON report that we read. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    /** Why the file itself failed; empty when only tests of it did. */
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName?: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Of a failure's message and stack, what is read at the end of a long run. */
const SHOWN_LINES = 6;

function firstLines(text: string): string {
  return text.split('\n', SHOWN_LINES).join('\n');
}

function failuresOf(report: VitestReport): string[] {
  return report.testResults
    .filter(file => file.status === 'failed')
    .flatMap(file => {
      const name = path.relative(PROJECT_ROOT, file.name);
      const tests = file.assertionResults.filter(test => test.status === 'failed');
      if (tests.length === 0) return [`${name}\n${firstLines(file.message ?? '')}`];
      return tests.map(
        test => `${name} > ${test.fullName}\n${firstLines(test.failureMessages?.join('\n') ?? '')}`,
      );
    });
}

/** Counts a report: a file that failed outside of its tests (an import, a hook) is one failure. */
export function countReport(report: VitestReport, status: number): TierResult {
  const brokenFiles = report.testResults.filter(
    file => file.status === 'failed' && !file.assertionResults.some(t => t.status === 'failed'),
  );
  const skipped = report.numPendingTests + report.numTodoTests;
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    // Errors outside of every test (an unhandled rejection) show in the exit status alone.
    failed: failed === 0 && status !== 0 ? 1 : failed,
    note: skipped > 0 ? `${skipped} skipped` : '',
    failures: failuresOf(report),
  };
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  } catch {
    // vitest ended before it wrote one; its output says why.
    return undefined;
  }
}

export interface VitestTierOptions {
  /** Provides what the tier needs, and gives environment for it. */
  readonly prepare?: () => Promise<Readonly<Record<string, string>>>;
  /** Projects that belong to it. */
  readonly more?: readonly string[];
  /** As {@link Tier.waits}. */
  readonly waits?: boolean;
}

/** A vitest project as a tier, with those that belong to it. */
export function vitestTier(project: string, options: VitestTierOptions = {}): Tier {
  const projects = [project, ...(options.more ?? [])].flatMap(name => ['--project', name]);
  return {
    name: project,
    waits: options.waits === true,
    async run() {
      const env = (await options.prepare?.()) ?? {};
      const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-test-'));
      try {
        const file = path.join(folder, 'report.json');
        const { status } = await runCommand(
          process.execPath,
          [
            path.join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs'),
            ...['run', ...projects, '--reporter=default'],
            ...['--reporter=json', `--outputFile.json=${file}`],
          ],
          { cwd: PROJECT_ROOT, env: { ...process.env, ...env }, echo: true },
        );
        const report = await readReport(file);
        if (report === undefined) return { passed: 0, failed: 1, note: 'vitest left no report' };
        return demandTests(countReport(report, status));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
