import path from 'node:path';
import process from 'node:process';
import { runCommand } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';
import type { Tier } from './tier';

/** Programs of node_modules that must all end well, as one tier that counts as one test. */
export function checkTier(name: string, programs: readonly (readonly string[])[]): Tier {
  return {
    name,
    async run() {
      let failed = 0;
      for (const [file = '', ...args] of programs) {
        const { status } = await runCommand(
          process.execPath,
          [path.join(PROJECT_ROOT, 'node_modules', file), ...args],
          { cwd: PROJECT_ROOT, echo: true },
        );
        if (status !== 0) failed = 1;
      }
      return { passed: 1 - failed, failed, note: '' };
    },
  };
}
