import { describe, expect, it } from 'vitest';
import { formatLsn } from '../../../src/base/lsn';
import { ForeignLine, readJsonlTail } from '../../../src/export/jsonlTail';
import { MemoryFiles } from '../capture/memoryFiles';

const SOURCE = '{"kind":"source","slot":"s"}\n';

/** A transaction of `rows` changes that ends at `end`. */
function transaction(end: string, rows: number, value = 'x'): string[] {
  const lines = [`{"kind":"begin","lsn":"0/1","xid":7,"commitLsn":"0/F"}`];
  for (let i = 0; i < rows; i++) {
    lines.push(
      `{"kind":"insert","lsn":"0/2","xid":7,"schema":"public","table":"t","new":{"a":"${value}"}}`,
    );
  }
  lines.push(`{"kind":"commit","lsn":"${end}","xid":7,"endLsn":"${end}"}`);
  return lines;
}

const outside = (lsn: string): string =>
  `{"kind":"message","lsn":"${lsn}","transactional":false,"prefix":"p","content":"\\"endLsn\\":\\"9/9\\"","contentEncoding":"utf8"}`;
const inside = (lsn: string): string =>
  `{"kind":"message","lsn":"${lsn}","xid":7,"transactional":true,"prefix":"p","content":"c","contentEncoding":"utf8"}`;

const text = (lines: readonly string[]): string => SOURCE + lines.map(line => `${line}\n`).join('');

async function tailOf(content: string | Uint8Array, delivery: 'assembled' | 'raw' = 'assembled') {
  const files = new MemoryFiles();
  files.put('f', Buffer.from(content));
  const file = await files.open('f');
  const { end, position } = await readJsonlTail(file, SOURCE.length, delivery);
  return { end, position: formatLsn(position), reads: files.reads };
}

describe('the end of a file of events', () => {
  it('is that of its last complete transaction, wherever the file was torn', async () => {
    const parts = [
      { text: SOURCE, after: '0/0' },
      { text: text(transaction('0/A', 2)).slice(SOURCE.length), after: '0/A' },
      { text: `${outside('0/B')}\n`, after: '0/B' },
      { text: text(transaction('0/C', 1)).slice(SOURCE.length), after: '0/C' },
      { text: '{"kind":"position","lsn":"0/D"}\n', after: '0/D' },
      { text: `${outside('0/E')}\n`, after: '0/E' },
      { text: text(transaction('0/F', 1, 'ünï')).slice(SOURCE.length), after: '0/F' },
    ];
    const whole = Buffer.from(parts.map(part => part.text).join(''));
    for (let size = SOURCE.length; size <= whole.length; size++) {
      let expected = { end: 0, position: '0/0' };
      let at = 0;
      for (const part of parts) {
        at += Buffer.byteLength(part.text);
        if (at <= size) expected = { end: at, position: part.after };
      }
      expect(await tailOf(whole.subarray(0, size)), String(size)).toMatchObject(expected);
    }
  });

  it('keeps a transaction that is cut where messages come as they came', async () => {
    const complete = text(transaction('0/A', 1));
    const open =
      complete +
      text(transaction('0/C', 3)).slice(SOURCE.length).split('\n').slice(0, 3).join('\n');
    const torn = `${open}\n{"kind":"ins`;
    expect(await tailOf(torn, 'raw')).toMatchObject({ end: open.length + 1, position: '0/A' });
    expect(await tailOf(torn)).toMatchObject({ end: complete.length, position: '0/A' });
    const streamed =
      complete +
      '{"kind":"streamStart","lsn":"0/B","xid":8,"first":true}\n{"kind":"streamStop","lsn":"0/B","xid":8}\n';
    expect(await tailOf(streamed, 'raw')).toMatchObject({ end: streamed.length, position: '0/A' });
    const prepared = `${streamed}{"kind":"streamPrepare","lsn":"0/D","xid":8,"gid":"\\"endLsn\\":\\"9/9\\"","endLsn":"0/D"}\n`;
    expect(await tailOf(prepared, 'raw')).toMatchObject({ end: prepared.length, position: '0/D' });
  });

  it('counts neither a message that a transaction wrote nor what a message says', async () => {
    const lines = [...transaction('0/A', 1), transaction('0/C', 1)[0] ?? '', inside('0/B')];
    expect(await tailOf(text(lines))).toMatchObject({
      end: text(transaction('0/A', 1)).length,
      position: '0/A',
    });
  });

  it('is after a gap where that is the last that is known', async () => {
    const gap = '{"kind":"gap","from":"0/A","to":"0/D","reason":"r","bytes":3}';
    const lines = [...transaction('0/A', 1), ...transaction('0/C', 1).slice(0, 2), gap];
    expect(await tailOf(text(lines))).toMatchObject({ end: text(lines).length, position: '0/D' });
  });

  it('is found from behind, past a transaction and lines that are larger than what is read at once', async () => {
    const complete = text([...transaction('0/9', 20_000), ...transaction('0/A', 1)]);
    const large = transaction('0/C', 60, 'y'.repeat(100_000)).slice(0, -1);
    const huge = transaction('0/C', 1, 'z'.repeat(5_000_000)).slice(1, 2);
    const open = `${complete}${[...large, ...huge].join('\n')}\n{"kind":"insert","new":{"a":"torn`;
    const { reads, ...tail } = await tailOf(open);
    expect(tail).toEqual({ end: complete.length, position: '0/A' });
    // The tail is looked at twice; what stands before is not read.
    expect(reads).toBeLessThan(2 * Math.ceil(open.length / 1024 / 1024) + 4);
  });

  it('leaves out what a machine that lost its power had not written', async () => {
    const kept = text(transaction('0/A', 1));
    const hole = `${kept}${transaction('0/C', 1).slice(0, 2).join('\n')}\n`;
    const bytes = Buffer.from(`${hole}\0\0\0\0\n${transaction('0/F', 1).join('\n')}\n`);
    expect(await tailOf(bytes)).toMatchObject({ end: kept.length, position: '0/A' });
  });

  it('refuses a line that is no event', async () => {
    await expect(tailOf(`${text(transaction('0/A', 1))}my notes\n`)).rejects.toThrow(ForeignLine);
  });
});
