import { ensurePostgres } from '../postgres/embeddedServers';
import { packExtension } from '../build/packExtension';
import { ensureHost, type HostName } from '../vscode/host';
import { runInHost } from '../vscode/inHost';
import { checkTier } from './checkTier';
import { ensureChromium, ensurePostgresClients } from './systemPackages';
import { demandTests, type Tier } from './tier';
import { vitestTier } from './vitestTier';

const HOSTS: readonly HostName[] = ['vscode-oldest', 'vscode-newest'];

/** The suite inside the extension host, in the oldest and the newest VS Code that we promise. */
const inHostTier: Tier = {
  name: 'vscode',
  async run() {
    await ensureChromium();
    let passed = 0;
    let failed = 0;
    for (const name of HOSTS) {
      const result = demandTests(await runInHost(name));
      passed += result.passed;
      failed += result.failed;
      if (result.note !== '') console.log(`${name}: ${result.note}`);
    }
    return { passed, failed, note: '' };
  },
};

/** All tiers, the fast ones first. */
export const TIERS: readonly Tier[] = [
  checkTier('lint', [
    ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
    ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ]),
  checkTier('types', [
    ['typescript/bin/tsc', '--noEmit'],
    ['typescript/bin/tsc', '--noEmit', '-p', 'webview'],
  ]),
  vitestTier('unit'),
  vitestTier('golden'),
  vitestTier('fuzz'),
  vitestTier('webview', async () => {
    await ensureChromium();
    return {};
  }),
  vitestTier(
    'postgres',
    async () => {
      await ensurePostgresClients();
      await ensurePostgres();
      return {};
    },
    ['postgres-alone'],
  ),
  inHostTier,
  vitestTier(
    'e2e',
    async () => {
      await ensureChromium();
      await ensureHost('vscode-newest');
      return { WALEXPLORER_VSIX: await packExtension() };
    },
    ['e2e-alone'],
  ),
];
