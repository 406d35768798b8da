import { existsSync } from 'node:fs';
import path from 'node:path';
import { PROJECT_ROOT } from '../../scripts/projectRoot';
import { captureOf } from './capture/generate';
import { liveTail } from './timeline/liveTail';
import { scrolling } from './timeline/scrolling';

const LARGE = path.join(PROJECT_ROOT, 'node_modules/.cache/bench-capture/v1-10000000.walcap');
const LIVE_SECONDS = 60;

/**
 * How smooth the timeline is in a real VS Code in Chromium (docs/performance.md), measured by the page itself:
 * `npm run bench -- timeline [CAPTURE]` opens a capture and scrolls. Without a capture it takes the one of ten
 * million changes that `npm run bench -- capture` makes where it is there, else makes one of a million.
 * `npm run bench -- timeline live [SECONDS]` tails a server that writes 50,000 changes a second.
 */
export async function run(options: {
  readonly json: boolean;
  readonly args?: readonly string[];
}): Promise<void> {
  const [what, seconds] = options.args ?? [];
  const figures =
    what === 'live'
      ? await liveTail(Number(seconds ?? LIVE_SECONDS))
      : await scrolling(what ?? (existsSync(LARGE) ? LARGE : (await captureOf(1_000_000)).file));
  if (options.json) console.log(JSON.stringify(figures));
  else for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
}
