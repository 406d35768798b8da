import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

/**
 * The file of a program on PATH; undefined where there is none. Only absolute folders count, and never the
 * current one, where a workspace could have put a program of that name (which Windows looks at first).
 */
export function findProgram(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string | undefined {
  const variable = Object.keys(env).find(each => each.toUpperCase() === 'PATH');
  const list = variable === undefined ? '' : (env[variable] ?? '');
  const file = platform === 'win32' ? `${name}.exe` : name;
  return list
    .split(path.delimiter)
    .filter(folder => path.isAbsolute(folder))
    .map(folder => path.join(folder, file))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
