import { existsSync } from 'node:fs';
import path from 'node:path';

function findRoot(from: string): string {
  for (let dir = from; ; dir = path.dirname(dir)) {
    if (existsSync(path.join(dir, 'esbuild.mjs')) && existsSync(path.join(dir, 'package.json'))) {
      return dir;
    }
    if (dir === path.dirname(dir)) throw new Error(`no project above ${from}`);
  }
}

/** The folder that holds package.json; found from here, so that it also holds inside a bundle. */
export const PROJECT_ROOT: string = findRoot(__dirname);
