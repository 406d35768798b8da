#!/usr/bin/env node
import process from 'node:process';
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

const terminal: Terminal = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stderr.isTTY,
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
