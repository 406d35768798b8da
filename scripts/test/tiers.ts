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
  async fetch() {
    for (const name of HOSTS) await ensureHost(name);
  },
  async run() {
    await ensureChromium();
    // Each has a server, a browser and a Postgres of its own, and waits most of the time.
    const results = await Promise.all(HOSTS.map(async name => demandTests(await runInHost(name))));
    const sum = (of: 'passed' | 'failed'): number => results.reduce((n, r) => n + r[of], 0);
    const notes = results.map(({ note }, i) => (note === '' ? '' : `${HOSTS[i]}: ${note}`));
    return {
      passed: sum('passed'),
      failed: sum('failed'),
      note: notes.filter(note => note !== '').join('; '),
      failures: results.flatMap(({ failures = [] }) => failures),
    };
  },
};

/** All tiers, the fast ones first. */
export const TIERS: readonly Tier[] = [
  checkTier('checks', [
    ['eslint/bin/eslint.js', '.', '--max-warnings', '0'],
    ['typescript/bin/tsc', '--noEmit'],
    ['typescript/bin/tsc', '--noEmit', '-p', 'webview'],
    ['prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ]),
  vitestTier('unit'),
  vitestTier('golden'),
  vitestTier('fuzz'),
  vitestTier('webview', {
    prepare: async () => {
      await ensureChromium();
      return {};
    },
  }),
  vitestTier('postgres', {
    prepare: async () => {
      await ensurePostgresClients();
      await ensurePostgres();
      return {};
    },
    more: ['postgres-alone'],
    waits: true,
  }),
  inHostTier,
  vitestTier('e2e', {
    prepare: async () => {
      await ensureChromium();
      await ensureHost('vscode-newest');
      return { WALEXPLORER_VSIX: await packExtension() };
    },
    more: ['e2e-alone'],
  }),
];
