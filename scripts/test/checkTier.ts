import path from 'node:path';
import process from 'node:process';
import { runCommand } from '../process/runCommand';
import { PROJECT_ROOT } from '../projectRoot';
import type { Tier } from './tier';

/**
 * Programs of node_modules that must all end well, each of which counts as a test. They run side by side, the
 * longest is the first to begin; what each has to say comes when it ends.
 */
export function checkTier(name: string, programs: readonly (readonly string[])[]): Tier {
  return {
    name,
    async run() {
      const results = await Promise.all(
        programs.map(async ([file = '', ...args]) => {
          const { status, output } = await runCommand(
            process.execPath,
            [path.join(PROJECT_ROOT, 'node_modules', file), ...args],
            { cwd: PROJECT_ROOT },
          );
          if (output !== '') console.log(output.trimEnd());
          return status === 0;
        }),
      );
      const passed = results.filter(ok => ok).length;
      return { passed, failed: results.length - passed, note: '' };
    },
  };
}
