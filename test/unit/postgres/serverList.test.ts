import { describe, expect, it } from 'vitest';
import {
  anyServer,
  formatServers,
  reachedAt,
  serversOf,
  shuffled,
  withPassword,
} from '../../../src/postgres/serverList';
import type { ConnectionTarget } from '../../../src/shared/connection';

const common = {
  user: 'u',
  database: 'd',
  sslMode: 'prefer' as const,
  connectTimeout: 1,
};
const first = { host: 'a', hostAddress: '10.0.0.1', port: 1, password: 'one' };
const second = { host: 'b', port: 2 };
const list: ConnectionTarget = { ...common, ...first, servers: [first, second] };

describe('a target with several servers', () => {
  it('is bound to the one that was reached, and let loose again', () => {
    expect(serversOf(list)).toEqual([first, second]);
    const reached = reachedAt(list, second, '10.0.0.2');
    expect(reached).toEqual({
      ...common,
      ...second,
      servers: [first, second],
      reached: '10.0.0.2',
    });
    expect(serversOf(reached)).toEqual([second]);
    expect(formatServers(reached)).toBe('b:2');
    expect(anyServer(reached)).toEqual(list);
    expect(formatServers(anyServer(reached))).toBe('a:1,b:2');
  });

  it('with one server is the same after it was reached', () => {
    const single: ConnectionTarget = { ...common, ...first };
    const reached = reachedAt(single, first, '10.0.0.1');
    expect(reached.reached).toBe('10.0.0.1');
    expect(anyServer(reached)).toEqual(single);
    expect(anyServer(single)).toEqual(single);
  });

  it('takes a password for all of them', () => {
    const asked = withPassword(list, 'pw');
    expect(asked.password).toBe('pw');
    expect(asked.servers?.map(server => server.password)).toEqual(['pw', 'pw']);
    expect(withPassword({ ...common, ...second }, 'pw').servers).toBeUndefined();
  });
});

describe('a random order', () => {
  it('has everything once and is not always the same', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const orders = Array.from({ length: 50 }, () => shuffled(items));
    for (const order of orders) expect([...order].sort()).toEqual(items);
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    expect(new Set(orders.map(([one]) => one)).size).toBeGreaterThan(1);
  });
});
