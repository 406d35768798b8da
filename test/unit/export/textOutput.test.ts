import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import type { OutputTarget } from '../../../src/export/outputTarget';
import { createFileTarget, ReaderGone, streamTarget } from '../../../src/export/outputTarget';
import { TextOutput } from '../../../src/export/textOutput';

/** A target whose writes wait for {@link release}, and that remembers what became durable. */
class SlowTarget implements OutputTarget {
  text = '';
  syncs = 0;
  #held: (() => void)[] = [];
  #open = false;

  write(bytes: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        this.text += Buffer.from(bytes).toString();
        resolve();
      };
      if (this.#open) done();
      else this.#held.push(done);
    });
  }

  release(): void {
    this.#open = true;
    for (const done of this.#held.splice(0)) done();
  }

  sync(): Promise<void> {
    this.syncs++;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'pgwx-output-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('TextOutput', () => {
  it('confirms a position only when the text before it is written', async () => {
    const target = new SlowTarget();
    const output = new TextOutput(target, { durable: false });
    output.write('one\n');
    output.reached(toLsn(10n));
    await sleep(50);
    expect(output.writtenLsn).toBe(0n);
    output.write('two\n');
    output.reached(toLsn(20n));
    target.release();
    await output.flush();
    expect(target.text).toBe('one\ntwo\n');
    expect(output.writtenLsn).toBe(20n);
    expect(output.storedLsn).toBe(20n);
    await output.close();
  });

  it('keeps the order of text, of bytes in reserved room and of what is too long to gather', async () => {
    const target = new SlowTarget();
    target.release();
    const output = new TextOutput(target, { durable: false });
    const expected: string[] = [];
    const put = (text: string): void => {
      expected.push(text);
      output.write(text);
    };
    for (let i = 0; i < 200; i++) {
      put(`é😀${String(i)}\n`);
      const { bytes, at } = output.reserve(5000);
      // Room that is not used is given again.
      bytes.fill(0x2d, at, at + 5000);
      if (i % 2 === 0) continue;
      bytes.write('reserved', at);
      output.commit(at + 8);
      expected.push('reserved');
      if (i % 50 === 1) put('long '.repeat(100_000));
    }
    await output.flush();
    expect(target.text).toBe(expected.join(''));
    await output.close();
  });

  it('confirms at once what needs no writing', () => {
    const output = new TextOutput(new SlowTarget(), { durable: false });
    output.reached(toLsn(7n));
    expect(output.writtenLsn).toBe(7n);
  });

  it('is full while the target is slow, and says when it is not', async () => {
    const target = new SlowTarget();
    const output = new TextOutput(target, { durable: false });
    let drained = 0;
    output.onDrain(() => drained++);
    const piece = 'x'.repeat(100_000);
    while (!output.full) output.write(piece);
    expect(drained).toBe(0);
    target.release();
    await output.flush();
    expect(output.full).toBe(false);
    expect(drained).toBe(1);
    await output.close();
  });

  it('stores what it wrote within about a second', async () => {
    const target = new SlowTarget();
    target.release();
    const output = new TextOutput(target, { durable: true });
    output.write('row\n');
    output.reached(toLsn(5n));
    await sleep(100);
    expect(output.writtenLsn).toBe(5n);
    expect(output.storedLsn).toBe(0n);
    await sleep(1200);
    expect(output.storedLsn).toBe(5n);
    expect(target.syncs).toBe(1);
    await output.close();
  });

  it('syncs before a flush of a durable output is over', async () => {
    const target = new SlowTarget();
    target.release();
    const output = new TextOutput(target, { durable: true });
    output.write('row\n');
    output.reached(toLsn(5n));
    await output.flush();
    expect(output.storedLsn).toBe(5n);
    expect(target.syncs).toBe(1);
    await output.close();
  });

  it('tells the error of its target, and takes more without holding it', async () => {
    const target = new SlowTarget();
    target.write = () => Promise.reject(new Error('no space'));
    const output = new TextOutput(target, { durable: false });
    const errors: string[] = [];
    output.onError(error => errors.push(error.message));
    output.write('row\n');
    await expect(output.flush()).rejects.toThrow('no space');
    output.write('more\n');
    expect(errors).toEqual(['no space']);
    await expect(output.close()).rejects.toThrow('no space');
  });
});

describe('targets', () => {
  it('makes a file that only its owner reads, and never writes over one', async () => {
    const file = path.join(folder, 'events.jsonl');
    const target = await createFileTarget(file);
    await target.write(Buffer.from('ä\n'));
    await target.sync();
    await target.close();
    expect(await readFile(file, 'utf8')).toBe('ä\n');
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    await expect(createFileTarget(file)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('knows a reader that is gone from other errors', async () => {
    const pipe = new PassThrough();
    const target = streamTarget(pipe);
    pipe.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await sleep(5);
    await expect(target.write(Buffer.from('x'))).rejects.toThrow(ReaderGone);
  });
});
