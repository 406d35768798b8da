import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of this project's package.json, looked for from the working directory upwards. */
export function projectRoot(): string {
  let folder = process.cwd();
  for (;;) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file) && readFileSync(file, 'utf8').includes('"name": "pg-wal-explorer"')) {
      return folder;
    }
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('Run this inside the project folder.');
    folder = parent;
  }
}
