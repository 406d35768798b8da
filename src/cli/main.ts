#!/usr/bin/env node
import process from 'node:process';
import { createInterface } from 'node:readline';
import { PRODUCT } from '../base/product';
import { runCommandLine } from './runCommandLine';
import type { Terminal } from './terminal';

const interrupted = new AbortController();
const interrupt = (): void => {
  // The second time nobody wants to wait any more; our slots end with the connection.
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

/** The line that a person types; undefined at Ctrl-C and at the end of input. */
async function askLine(question: string): Promise<string | undefined> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // On a terminal Ctrl-C comes to the reader of lines, not as a signal.
  lines.on('SIGINT', interrupt);
  try {
    return await new Promise<string | undefined>(resolve => {
      let answered = false;
      const giveUp = (): void => {
        // The question stands alone on its line; what follows begins a new one.
        if (!answered) process.stderr.write('\n');
        answered = true;
        resolve(undefined);
      };
      lines.once('close', giveUp);
      interrupted.signal.addEventListener('abort', giveUp, { once: true });
      lines.question(question, line => {
        answered = true;
        resolve(line);
      });
    });
  } finally {
    lines.close();
  }
}

const terminal: Terminal = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stderr.isTTY,
  ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: askLine } : {}),
  interrupted: interrupted.signal,
};
// A reader that has gone must not end us in the middle of our cleaning up.
process.stderr.on('error', () => undefined);

void runCommandLine(process.argv.slice(2), terminal)
  .catch((error: unknown) => {
    process.stderr.write(`${PRODUCT.command}: ${String(error)}\n`);
    return 1;
  })
  .then(status => {
    process.exitCode = status;
    // A reader that does not read would keep us for ever.
    if (interrupted.signal.aborted) process.exit(status);
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
  });
