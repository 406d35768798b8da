import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { runCommand } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';
import { demandTests, type Tier, type TierResult } from './tier';

/** More files than these fail for a reason that a second run would only repeat. */
const MOST_AGAIN = 4;

/** The parts of vitest's JSON report that we read. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
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
  };
}

/** The files that failed, as paths from the root of the project. */
export function failedFiles(report: VitestReport): readonly string[] {
  return report.testResults
    .filter(({ status }) => status === 'failed')
    .map(({ name }) => path.relative(PROJECT_ROOT, name));
}

/** A run in which all passes but for what passes when it is run again by itself. */
export function afterSecondRun(
  first: TierResult,
  again: TierResult,
  files: readonly string[],
): TierResult {
  if (again.failed > 0) return first;
  const unsteady = `unsteady, passed when run again alone: ${files.join(', ')}`;
  const note = [first.note, unsteady].filter(text => text !== '').join('; ');
  return { passed: first.passed + first.failed, failed: 0, note };
}

async function readReport(file: string): Promise<VitestReport | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VitestReport;
  } catch {
    // vitest ended before it wrote one; its output says why.
    return undefined;
  }
}

interface VitestRun {
  readonly result: TierResult;
  readonly failed: readonly string[];
}

async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<VitestRun> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-test-'));
  try {
    const file = path.join(folder, 'report.json');
    const { status } = await runCommand(
      process.execPath,
      [
        path.join(PROJECT_ROOT, 'node_modules/vitest/vitest.mjs'),
        ...['run', ...args, '--reporter=default'],
        ...['--reporter=json', `--outputFile.json=${file}`],
      ],
      { cwd: PROJECT_ROOT, env: { ...process.env, ...env }, echo: true },
    );
    const report = await readReport(file);
    if (report === undefined) {
      return { result: { passed: 0, failed: 1, note: 'vitest left no report' }, failed: [] };
    }
    return { result: demandTests(countReport(report, status)), failed: failedFiles(report) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface VitestTierOptions {
  /** Provides what the tier needs, and gives environment for it. */
  readonly prepare?: () => Promise<Readonly<Record<string, string>>>;
  /** Projects that belong to it. */
  readonly more?: readonly string[];
  /**
   * Real servers and browsers on a loaded machine: files that fail are run once more, one after the other.
   * Those that pass then are named in the summary as unsteady; they are to be mended, not to be hidden.
   */
  readonly again?: boolean;
}

/** A vitest project as a tier, with those that belong to it. */
export function vitestTier(project: string, options: VitestTierOptions = {}): Tier {
  const projects = [project, ...(options.more ?? [])].flatMap(name => ['--project', name]);
  return {
    name: project,
    async run() {
      const env = (await options.prepare?.()) ?? {};
      const { result, failed } = await runVitest(projects, env);
      if (options.again !== true || failed.length === 0 || failed.length > MOST_AGAIN)
        return result;
      console.log(`\n== ${project}, once more: ${failed.join(', ')}`);
      const again = await runVitest([...projects, '--no-file-parallelism', ...failed], env);
      return afterSecondRun(result, again.result, failed);
    },
  };
}
