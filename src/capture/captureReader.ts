import type { ReaderApi, ReaderEvents } from '../shared/readerApi';
import type { SourceFacts } from '../shared/sourceFacts';
import { CaptureError } from './captureError';
import { CaptureFile } from './captureFile';
import type { FileAccess } from './fileAccess';
import { OpenCapture } from './openCapture';

/** The read side of captures: opens one, which answers what the timeline asks ({@link OpenCapture}). */
export class CaptureReader {
  readonly #files: FileAccess;
  readonly #emit: (head: ReaderEvents['head']) => void;
  #open: OpenCapture | undefined;

  constructor(files: FileAccess, emit: (head: ReaderEvents['head']) => void) {
    this.#files = files;
    this.#emit = emit;
  }

  async open({
    path,
    header,
    mask = [],
  }: Parameters<ReaderApi['open']>[0]): Promise<{ readonly source: SourceFacts }> {
    if (this.#open !== undefined) throw new CaptureError('exists', 'A capture is open already.');
    const file = await CaptureFile.open(this.#files, path, header, mask);
    this.#open = new OpenCapture(path, file, this.#emit);
    const { source, redacted } = file.meta;
    return { source: redacted === undefined ? source : { ...source, redacted } };
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }

  /** What answers about the open capture. */
  get current(): OpenCapture {
    if (this.#open === undefined) throw new CaptureError('closed', 'No capture is open.');
    return this.#open;
  }
}
