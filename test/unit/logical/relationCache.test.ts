import { describe, expect, it } from 'vitest';
import type { Relation } from '../../../src/logical/relation';
import { RelationCache } from '../../../src/logical/relationCache';

const relation = (oid: number, ...columns: string[]): Relation => ({
  oid,
  schema: 'public',
  name: 't',
  replicaIdentity: 'default',
  columns: columns.map(name => ({ name, typeOid: 25, typeModifier: -1, key: false })),
});

describe('RelationCache', () => {
  it('keeps the version of a description that is sent again', () => {
    const cache = new RelationCache();
    expect(cache.add(relation(1, 'a')).ordinal).toBe(0);
    expect(cache.add(relation(2, 'a')).ordinal).toBe(1);
    expect(cache.add(relation(1, 'a', 'b')).ordinal).toBe(2);
    expect(cache.add(relation(1, 'a', 'b')).ordinal).toBe(2);
    expect(cache.add(relation(1, 'a')).ordinal).toBe(0);
    expect(cache.get(1)?.ordinal).toBe(0);
    expect(cache.versions.length).toBe(3);
    expect(cache.get(3)).toBeUndefined();
  });

  it('shows what a streamed transaction altered to itself only, until it commits', () => {
    const cache = new RelationCache();
    cache.add(relation(1, 'a'));
    cache.add(relation(1, 'a', 'b'), 7);
    expect(cache.get(1, 7)?.relation.columns.length).toBe(2);
    expect(cache.get(1, 8)?.relation.columns.length).toBe(1);
    expect(cache.get(1)?.relation.columns.length).toBe(1);
    cache.commitStream(7);
    expect(cache.get(1)?.relation.columns.length).toBe(2);
  });

  it('forgets it when the transaction is rolled back', () => {
    const cache = new RelationCache();
    cache.add(relation(1, 'a'));
    cache.add(relation(1, 'a', 'b'), 7);
    cache.dropStream(7);
    expect(cache.get(1, 7)?.relation.columns.length).toBe(1);
    cache.commitStream(7);
    expect(cache.get(1)?.relation.columns.length).toBe(1);
  });

  it('does not let an older description of a stream replace a newer one', () => {
    const cache = new RelationCache();
    cache.add(relation(1, 'a'), 7);
    cache.add(relation(1, 'a', 'b'));
    cache.commitStream(7);
    expect(cache.get(1)?.relation.columns.length).toBe(2);
  });
});
