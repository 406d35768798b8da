import type { OutputTarget } from './outputTarget';

const NEWLINE = 0x0a;

/** Counts the lines and bytes that a target has taken. */
export class CountingTarget implements OutputTarget {
  readonly #target: OutputTarget;
  lines = 0;
  bytes = 0;

  constructor(target: OutputTarget) {
    this.#target = target;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#target.write(bytes);
    this.bytes += bytes.length;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      this.lines++;
    }
  }

  sync(): Promise<void> {
    return this.#target.sync();
  }

  close(): Promise<void> {
    return this.#target.close();
  }
}
