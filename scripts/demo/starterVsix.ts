import { createVSIX } from '@vscode/vsce';
import path from 'node:path';
import { PROJECT_ROOT } from '../projectRoot';

/** Packs the demo's own small extension into `dir`. */
export async function packStarter(dir: string): Promise<string> {
  const packagePath = path.join(dir, 'starter.vsix');
  await createVSIX({
    cwd: path.join(PROJECT_ROOT, 'scripts/demo/starter'),
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    skipLicense: true,
  });
  return packagePath;
}
