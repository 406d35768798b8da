import { describe, expect, it } from 'vitest';
import { toLsn } from '../../../src/base/lsn';
import { dataFrame } from '../../../src/capture/frame';
import { EventLimit } from '../../../src/export/eventLimit';
import { JsonlWriter } from '../../../src/export/jsonlWriter';
import { ReaderGone } from '../../../src/export/outputTarget';
import type { SpillStore } from '../../../src/logical/spillStore';
import { decodeUtf8 } from '../../../src/logical/pgoutput/tuple';
import type { SinkEnd } from '../../../src/shared/frameSink';

const spill: SpillStore = {
  open: () => {
    throw new Error('nothing is to be spilled');
  },
};

/** Takes one message of another plugin, which is one change, and fails to write it. */
async function endsOf(
  failure: Error,
  limit?: EventLimit,
  message = Uint8Array.of(65),
): Promise<readonly string[]> {
  const ends: SinkEnd[] = [];
  const writer = new JsonlWriter({
    target: {
      write: () => Promise.reject(failure),
      sync: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    targetName: 'out.jsonl',
    delivery: 'raw',
    plugin: 'test_decoding',
    spill,
    durable: false,
    ...(limit === undefined ? {} : { limit }),
  });
  writer.onEnd(end => ends.push(end));
  writer.append(dataFrame(toLsn(1n), message));
  await writer.close();
  return ends.map(end => (end.kind === 'enough' ? end.kind : `${end.kind}: ${end.failure.code}`));
}

const diskFull = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

describe('a failure to write', () => {
  it('is told when the output is closed', async () => {
    expect(await endsOf(diskFull)).toEqual(['disk-full: disk-full']);
  });

  it('is told also after the limit was reached', async () => {
    expect(await endsOf(diskFull, new EventLimit(1, 'exact'))).toEqual([
      'enough',
      'disk-full: disk-full',
    ]);
  });

  it('is none where the reader is gone', async () => {
    const gone = new ReaderGone('the reader is gone');
    expect(await endsOf(gone)).toEqual(['enough']);
    expect(await endsOf(gone, new EventLimit(1, 'exact'))).toEqual(['enough']);
  });

  it('says that a value is too long for a text', async () => {
    expect(await endsOf(new RangeError('Invalid string length'))).toEqual([
      'failed: value-too-long',
    ]);
    const long = new Uint8Array(2 ** 28);
    expect(await endsOf(new Error('is not reached'), undefined, long)).toEqual([
      'failed: value-too-long',
    ]);
    expect(() => decodeUtf8(new Uint8Array(2 ** 29))).toThrow(RangeError);
  });
});
