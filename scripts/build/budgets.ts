import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Sizes that must not be exceeded, in bytes; paths below the staged extension. */
export const FILE_BUDGETS: Readonly<Record<string, number>> = {
  'dist/extension.js': 250_000,
  'dist/webview/timeline.js': 360_000,
};
export const VSIX_BUDGET = 2_000_000;

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000)} kB`;

/** Prints each size beside its budget and throws when one is exceeded. */
export async function checkBudgets(staged: string, vsix: string): Promise<void> {
  const files = [
    ...Object.entries(FILE_BUDGETS).map(
      ([name, budget]) => [name, path.join(staged, name), budget] as const,
    ),
    [path.basename(vsix), vsix, VSIX_BUDGET] as const,
  ];
  const exceeded: string[] = [];
  for (const [name, file, budget] of files) {
    const { size } = await stat(file);
    console.log(`${name}: ${kilobytes(size)} of ${kilobytes(budget)}`);
    if (size > budget) exceeded.push(name);
  }
  if (exceeded.length > 0) throw new Error(`too large: ${exceeded.join(', ')}`);
}
