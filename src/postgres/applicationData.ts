import path from 'node:path';
import type { Surroundings } from './resolveTarget';

/** Where libpq's own files lie on Windows: `%APPDATA%\postgresql\NAME`. */
export function applicationDataFile({ env, home }: Surroundings, name: string): string {
  const folder = env.APPDATA === undefined || env.APPDATA === '' ? home : env.APPDATA;
  return path.win32.join(folder, 'postgresql', name);
}
