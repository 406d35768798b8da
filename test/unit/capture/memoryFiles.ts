import type { FileAccess, FileStamp, OpenFile } from '../../../src/capture/fileAccess';

/** Files in memory, with the faults that a test asks for. */
export class MemoryFiles implements FileAccess {
  readonly files = new Map<string, MemoryFile>();
  /** Writes beyond this size of a file fail as on a full disk. */
  capacity = Infinity;
  /** Awaited before each write. */
  beforeWrite: (() => Promise<void>) | undefined;
  reads = 0;

  create(path: string): Promise<OpenFile> {
    if (this.files.has(path)) return Promise.reject(codedError('EEXIST'));
    const file = new MemoryFile(this);
    this.files.set(path, file);
    return Promise.resolve(file);
  }

  open(path: string): Promise<OpenFile> {
    const file = this.files.get(path);
    return file === undefined ? Promise.reject(codedError('ENOENT')) : Promise.resolve(file);
  }

  bytes(path: string): Uint8Array {
    return this.files.get(path)!.bytes.slice(0, this.files.get(path)!.length);
  }

  /** Puts a file there as it is. */
  put(path: string, bytes: Uint8Array): void {
    const file = new MemoryFile(this);
    file.bytes = bytes;
    file.length = bytes.length;
    this.files.set(path, file);
  }
}

class MemoryFile implements OpenFile {
  bytes: Uint8Array = new Uint8Array(1024);
  length = 0;
  changed = 0;

  constructor(private readonly files: MemoryFiles) {}

  read(into: Uint8Array, position: number): Promise<number> {
    this.files.reads++;
    const part = this.bytes.subarray(position, Math.min(this.length, position + into.length));
    into.set(part);
    return Promise.resolve(part.length);
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.files.beforeWrite?.();
    if (position + bytes.length > this.files.capacity) {
      this.#put(bytes.subarray(0, Math.max(0, this.files.capacity - position)), position);
      throw codedError('ENOSPC');
    }
    this.#put(bytes, position);
  }

  #put(bytes: Uint8Array, position: number): void {
    this.changed++;
    const end = position + bytes.length;
    if (end > this.bytes.length) {
      const grown = new Uint8Array(end * 2);
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  size(): Promise<number> {
    return Promise.resolve(this.length);
  }

  stamp(): Promise<FileStamp> {
    return Promise.resolve({ size: this.length, changed: this.changed });
  }

  truncate(size: number): Promise<void> {
    this.changed++;
    this.length = Math.min(this.length, size);
    return Promise.resolve();
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code });
}
