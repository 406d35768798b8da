import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import path from 'node:path';
import { CaptureFile } from '../capture/captureFile';
import { nodeFiles } from '../capture/fileAccess';
import type { CaptureNote } from '../shared/captureNote';
import type { CaptureSinkOptions } from './captureSink';
import { CaptureSink } from './captureSink';

/**
 * A part of a stream as it came, in a capture beside the output. Its name is taken away as soon as it is
 * open, where the system allows that, so that nothing of it stays even when the process is killed.
 */
export class RawPart {
  readonly sink: CaptureSink;
  /** What the sink has written; {@link seal} has all of it. */
  readonly file: CaptureFile;
  /** What was known beside it meanwhile. */
  readonly notes: CaptureNote[] = [];
  readonly #path: string;
  #named = true;

  private constructor(file: string, sink: CaptureSink, capture: CaptureFile) {
    this.#path = file;
    this.sink = sink;
    this.file = capture;
  }

  /** @param options Those of the output; the part lies in its folder, and only its owner may read it. */
  static async create(options: CaptureSinkOptions): Promise<RawPart> {
    const { dir, name } = path.parse(options.path);
    const file = path.join(dir, `.${name}-${randomUUID()}.tmp`);
    const sink = await CaptureSink.create({ ...options, path: file, durable: false });
    try {
      const part = new RawPart(
        file,
        sink,
        await CaptureFile.open(nodeFiles, file, sink.header, options.redacted),
      );
      await part.#unname();
      return part;
    } catch (error) {
      await sink.close();
      await unlink(file).catch(() => undefined);
      throw error;
    }
  }

  /** A transaction is in it whose end is not. */
  get isOpen(): boolean {
    return this.sink.totals.openTransactions > 0;
  }

  /** Nothing more comes; resolves when `file` knows all that did. `pause` is called between two pieces of work. */
  async seal(pause: () => Promise<void>): Promise<void> {
    await this.sink.close();
    while (await this.file.follow()) await pause();
  }

  /** Lets go of the file, which is gone then. */
  async dispose(): Promise<void> {
    await this.sink.close();
    await this.file.close();
    if (this.#named) await this.#unname();
  }

  async #unname(): Promise<void> {
    try {
      await unlink(this.#path);
      this.#named = false;
    } catch {
      // Some systems keep the name of an open file: it goes when the file is closed.
      this.#named = true;
    }
  }
}
