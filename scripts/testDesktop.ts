import { runTests } from '@vscode/test-electron';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { stageExtension } from './build/stageExtension';
import { startCluster } from './postgres/cluster';
import { stageSuite } from './vscode/inHost';
import { QUIET_SETTINGS } from './vscode/settings';

// npm run test:desktop [-- VERSION]: the suite of test/vscode in a downloaded desktop VS Code, on
// machines that can reach its download host. WALEXPLORER_TEST_POSTGRES names a server to use where
// there is no embedded one.

const [version = 'stable'] = process.argv.slice(2);
const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-desktop-'));
const given = process.env['WALEXPLORER_TEST_POSTGRES'];
const cluster =
  given === undefined ? await startCluster({ major: 18, name: 'desktop' }) : undefined;
try {
  const extension = path.join(folder, 'extension');
  await stageExtension(extension);
  const userData = path.join(folder, 'user-data');
  await mkdir(path.join(userData, 'User'), { recursive: true });
  await writeFile(path.join(userData, 'User/settings.json'), JSON.stringify(QUIET_SETTINGS));
  const resultsFile = path.join(folder, 'results.json');
  const work = path.join(folder, 'work');
  await mkdir(work);
  await runTests({
    version,
    extensionDevelopmentPath: extension,
    extensionTestsPath: await stageSuite(extension),
    launchArgs: ['--user-data-dir', userData, '--disable-extensions', '--disable-workspace-trust'],
    extensionTestsEnv: {
      WALEXPLORER_TEST_RESULTS: resultsFile,
      WALEXPLORER_TEST_POSTGRES: given ?? cluster?.url(),
      WALEXPLORER_TEST_FOLDER: work,
    },
  });
  // A host that crashed ends well too: only the results say that the suite ran.
  const { results } = JSON.parse(await readFile(resultsFile, 'utf8')) as {
    readonly results: readonly { readonly ok: boolean }[];
  };
  const failed = results.filter(test => !test.ok).length;
  console.log(`${results.length - failed} passed, ${failed} failed`);
  if (failed > 0 || results.length === 0) process.exitCode = 1;
} finally {
  await cluster?.dispose();
  await rm(folder, { recursive: true, force: true });
}
