import { describe, expect, it } from 'vitest';
import type { StreamRequest } from '../../../src/host/timeline/streamRequest';
import { readRequest, requestSource, requestTitle } from '../../../src/host/timeline/streamRequest';

const tail: StreamRequest = {
  kind: 'tail',
  server: 'shop@localhost',
  database: 'shop',
  publications: ['a', 'b,c'],
};
const peek: StreamRequest = {
  kind: 'peek',
  server: 's',
  database: 'd',
  slot: 'debezium',
  plugin: 'pgoutput',
  publications: [],
  startAfter: '0/16B6C50',
  method: 'sql',
};

const consume: StreamRequest = {
  kind: 'consume',
  server: 's',
  database: 'd',
  slot: 'debezium',
  plugin: 'pgoutput',
  publications: ['a'],
};

describe('stream requests', () => {
  it('come back from where they were stored', () => {
    for (const request of [tail, peek, consume]) {
      expect(readRequest(JSON.parse(JSON.stringify(request)))).toEqual(request);
    }
  });

  it.each([
    null,
    1,
    {},
    { ...tail, kind: 'drop' },
    { ...tail, publications: [1] },
    { ...peek, slot: 1 },
    { ...consume, slot: undefined },
  ])('are refused out of shape: %j', value => {
    expect(readRequest(value)).toBeUndefined();
  });

  it('have a title and a source to show before there is a capture', () => {
    expect(requestTitle(tail)).toBe('a, b,c · shop@localhost');
    expect(requestTitle(peek)).toBe('debezium · s');
    expect(requestTitle(consume)).toBe('debezium (consumed) · s');
    expect(requestSource(consume)).toMatchObject({ kind: 'consume', slot: 'debezium' });
    expect(requestSource(peek)).toMatchObject({ kind: 'peek', slot: 'debezium' });
  });
});
