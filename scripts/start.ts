import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { packExtension } from './build/packExtension';
import { openBrowser } from './demo/openBrowser';
import { embeddedSource, serverSource, type DemoSource } from './demo/source';
import { packStarter } from './demo/starterVsix';
import { parseStartOptions, START_USAGE, type StartOptions } from './demo/startOptions';
import { Shutdown } from './process/shutdown';
import { Watchdog } from './process/watchdog';
import { ensureHost } from './vscode/host';
import { startVscodeServer } from './vscode/server';

// npm start: a living Postgres, and the packed extension in a real VS Code that shows it. Ends with
// Ctrl-C and leaves nothing behind, not even when it is killed.

async function startDemo(options: StartOptions, shutdown: Shutdown): Promise<string> {
  const watchdog = new Watchdog();
  shutdown.add('watchdog', () => watchdog.dismiss());
  const folder = await mkdtemp(path.join(os.tmpdir(), 'walexplorer-start-'));
  watchdog.watchFolder(folder);
  shutdown.add('temporary folder', () => rm(folder, { recursive: true, force: true }));

  const startSource = (): Promise<DemoSource> =>
    options.postgres === undefined ? embeddedSource(shutdown) : serverSource(options.postgres);
  console.log('Building the extension and starting Postgres');
  const host = await ensureHost('vscode-newest');
  const [vsix, starter, source] = await Promise.all([
    packExtension(folder),
    packStarter(folder),
    startSource(),
  ]);
  const demo = {
    server: source.name,
    database: source.database,
    publications: source.publications,
  };
  if (source.publications.length === 0) {
    console.log(`Database ${source.database} has no publication, so no tail is started.`);
  }
  const server = await startVscodeServer({
    host,
    vsix: [vsix, starter],
    settings: {
      'walExplorer.servers': [{ name: source.name, url: source.connection, readOnly: false }],
    },
    homeFiles: { '.pgpass': source.passwordFile },
    env: { WALEXPLORER_DEMO: JSON.stringify(demo) },
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  shutdown.add('VS Code', () => server.stop());
  return server.pageUrl();
}

const options = parseStartOptions(process.argv.slice(2));
if (typeof options === 'string') {
  console.error(`${options}\n${START_USAGE}`);
  process.exit(2);
}
const shutdown = new Shutdown();
const requested = Shutdown.requested();
let status = 0;
try {
  const started = startDemo(options, shutdown);
  const first = await Promise.race([
    started.then(url => ({ url })),
    requested.then(reason => ({ reason })),
  ]);
  // Ended while it is still starting: nobody knows yet what there is, so the watchdogs clean up.
  if ('reason' in first) process.exit(1);
  console.log(`Ready: ${first.url}`);
  console.log('Press Ctrl-C to end it.');
  if (options.open) openBrowser(first.url);
  console.log(`Ending (${await requested})`);
} catch (error) {
  status = 1;
  console.error(error instanceof Error ? error.message : error);
}
for (const error of await shutdown.run()) console.error(`At the end: ${error.message}`);
process.exit(status);
