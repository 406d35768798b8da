import { describe, expect, it } from 'vitest';
import { IndexChunk, NONE, ROW } from '../../../src/capture/indexChunk';
import type { RelationVersion } from '../../../src/capture/relationVersions';
import { RowClasses } from '../../../src/capture/rowClasses';

const UPDATE = 'U'.charCodeAt(0);
const BEGIN = 'B'.charCodeAt(0);

/** An index of growing chunks, and how many columns of it were read. */
class FakeIndex {
  readonly chunks: IndexChunk[] = [];
  readonly all: RelationVersion[] = [];
  readonly relations = { all: this.all };
  reads = 0;

  readonly column = (number: number, name: string): Promise<Uint8Array | Uint32Array> => {
    this.reads++;
    const chunk = this.chunks[number]!;
    return Promise.resolve(chunk[name as 'kind' | 'relation'].subarray(0, chunk.count));
  };

  add(number: number, kind: number, relation: number, flags = 0): void {
    const chunk = (this.chunks[number] ??= new IndexChunk(number, 4096));
    while (relation !== NONE && this.all.length <= relation && relation < 2000) {
      this.all.push({ version: this.all.length, oid: 1, seq: 0, message: new Uint8Array() });
    }
    chunk.kind[chunk.count] = kind;
    chunk.relation[chunk.count] = relation;
    chunk.flags[chunk.count++] = flags;
  }

  /** What the classes say of the rows, in the words of the index. */
  async told(classes: RowClasses, number: number): Promise<readonly (readonly number[])[]> {
    const { count } = this.chunks[number]!;
    const numbers = await classes.of(number, count);
    return Array.from({ length: count }, (_, i) => {
      const { kind, relation, flags } = classes.all[numbers[i]!]!;
      return [kind, relation, flags];
    });
  }
}

describe('classes of rows', () => {
  it('say of each row its letter, its table and whether it is what its letter says', async () => {
    const index = new FakeIndex();
    index.add(0, BEGIN, NONE);
    index.add(0, UPDATE, 0, ROW.inStream);
    index.add(0, UPDATE, 1);
    index.add(0, UPDATE, 0, ROW.repeated | ROW.inStream);
    const classes = new RowClasses(index);
    expect(await index.told(classes, 0)).toEqual([
      [BEGIN, NONE, 0],
      [UPDATE, 0, 0],
      [UPDATE, 1, 0],
      [UPDATE, 0, ROW.repeated],
    ]);
    expect(classes.all.map(({ isChange }) => isChange)).toEqual([false, true, true, false]);
  });

  it('are numbers of more bytes where there are more than 256, and keep their numbers', async () => {
    const index = new FakeIndex();
    const classes = new RowClasses(index);
    const want: number[][] = [];
    for (let i = 0; i < 1500; i++) {
      index.add(0, UPDATE, (i * 7) % 300);
      want.push([UPDATE, (i * 7) % 300, 0]);
      if (i % 97 === 0) expect(await index.told(classes, 0)).toEqual(want);
    }
    expect(await index.told(classes, 0)).toEqual(want);
    expect(classes.all).toHaveLength(300);
    expect(await classes.of(0, 1)).toBeInstanceOf(Uint16Array);
    index.add(1, UPDATE, 0);
    expect(await classes.of(1, 1)).toBeInstanceOf(Uint8Array);
  });

  it('are read once for rows that are known, also where two ask at the same time', async () => {
    const index = new FakeIndex();
    index.add(0, UPDATE, 3);
    const classes = new RowClasses(index);
    const both = [index.told(classes, 0), index.told(classes, 0)];
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
    const before = index.reads;
    expect(await index.told(classes, 0)).toEqual([[UPDATE, 3, 0]]);
    expect(index.reads).toBe(before);
  });

  it('are kept up to a limit, and right beyond it', async () => {
    const index = new FakeIndex();
    for (const number of [0, 1, 2]) index.add(number, UPDATE, number);
    const classes = new RowClasses(index, 2 * 65_536);
    const askAll = async () => {
      for (const number of [0, 1, 2]) {
        expect(await index.told(classes, number)).toEqual([[UPDATE, number, 0]]);
      }
      return index.reads;
    };
    const first = await askAll();
    expect(await askAll()).toBe(first);
    index.add(3, UPDATE, 3);
    await index.told(classes, 3);
    const before = await askAll();
    expect(before).toBe(first + 6);
    index.add(2, BEGIN, NONE);
    expect(await index.told(classes, 2)).toEqual([
      [UPDATE, 2, 0],
      [BEGIN, NONE, 0],
    ]);
  });

  it('take a table that the file does not describe for none', async () => {
    const index = new FakeIndex();
    index.add(0, UPDATE, 4_000_000_000);
    expect(await index.told(new RowClasses(index), 0)).toEqual([[UPDATE, NONE, 0]]);
  });
});
