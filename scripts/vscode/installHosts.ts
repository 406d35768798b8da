import { ensureHost, hostVersion } from './host';

// Installs the VS Code servers that the tests need, so that a later run starts at once.
for (const name of ['vscode-newest', 'vscode-oldest'] as const) {
  const host = await ensureHost(name);
  console.log(`${name}: VS Code ${await hostVersion(host)}`);
}
