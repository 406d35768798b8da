import { rename, writeFile } from 'node:fs/promises';
import Mocha from 'mocha';

/** One test as the runner reads it. */
interface Result {
  readonly title: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly error?: string;
}

/**
 * Runs the suites inside the extension host. The results go to the file that the environment names,
 * whole or not at all: the exit code of VS Code says nothing when the host itself died.
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000, slow: 5000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  // In this order: the first measures the activation, the last ends the extension.
  await import('./suites/activation');
  await import('./suites/servers');
  await import('./suites/sidebar');
  await import('./suites/streams');
  await import('./suites/changes');
  await import('./suites/size');
  await import('./suites/end');

  const results: Result[] = [];
  const failures = await new Promise<number>(resolve => {
    const runner = mocha.run(resolve);
    runner.on('pass', test => {
      results.push({ title: test.fullTitle(), ok: true, ms: test.duration ?? 0 });
    });
    runner.on('fail', (test, error: Error) => {
      results.push({
        title: test.fullTitle(),
        ok: false,
        ms: test.duration ?? 0,
        error: error.stack ?? error.message,
      });
    });
    runner.on('pending', test => {
      results.push({ title: test.fullTitle(), ok: false, ms: 0, error: 'the test did not run' });
    });
  });
  const file = process.env['WALEXPLORER_TEST_RESULTS'];
  if (file !== undefined) {
    await writeFile(`${file}.part`, JSON.stringify({ node: process.version, results }));
    await rename(`${file}.part`, file);
  }
  if (failures > 0) throw new Error(`${failures} tests failed`);
}
