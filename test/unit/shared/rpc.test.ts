import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import type { Handlers } from '../../../src/shared/rpc';
import { RpcPeer } from '../../../src/shared/rpc';
import { workerPort } from '../../../src/worker/workerPort';

interface Api {
  add(p: { readonly a: number; readonly b: number }): Promise<number>;
  fail(p: Record<string, never>): Promise<void>;
  wait(p: Record<string, never>): Promise<string>;
}

interface Events {
  tick: { readonly n: number };
}

const channels: MessageChannel[] = [];

afterEach(() => {
  for (const { port1 } of channels.splice(0)) port1.close();
});

function connect(handlers: Partial<Handlers<Api>> = {}) {
  const channel = new MessageChannel();
  channels.push(channel);
  const server = new RpcPeer<object, object>(workerPort(channel.port1));
  const client = new RpcPeer<Api, Events>(workerPort(channel.port2));
  server.serve<Partial<Api>>({
    add: ({ a, b }) => a + b,
    fail: () => {
      throw Object.assign(new Error('no such thing'), { code: 'not-found' });
    },
    wait: (_p, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('cancelled'));
        });
      }),
    ...handlers,
  });
  return { server, client, channel };
}

describe('calls between threads', () => {
  it('answer each with its own reply', async () => {
    const { client } = connect();
    const sums = [1, 2, 3].map(n => client.call('add', { a: n, b: 10 }));
    expect(await Promise.all(sums)).toEqual([11, 12, 13]);
  });

  it('carry the code of an error, and name a method that is not there', async () => {
    const { client } = connect();
    await expect(client.call('fail', {})).rejects.toMatchObject({
      name: 'RpcFailure',
      code: 'not-found',
      message: 'no such thing',
    });
    await expect(client.call('toString' as 'add', { a: 1, b: 1 })).rejects.toMatchObject({
      code: 'no-such-method',
    });
  });

  it('can be cancelled, before and after they are sent', async () => {
    const { client } = connect();
    const controller = new AbortController();
    const waiting = client.call('wait', {}, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ message: 'cancelled' });
    await expect(client.call('wait', {}, AbortSignal.abort())).rejects.toMatchObject({
      message: 'cancelled',
    });
  });

  it('fail when the other side is gone', async () => {
    const { client } = connect();
    const waiting = client.call('wait', {});
    client.close('gone', 'the worker ended');
    await expect(waiting).rejects.toMatchObject({ code: 'gone' });
    await expect(client.call('add', { a: 1, b: 1 })).rejects.toMatchObject({ code: 'gone' });
  });

  it('leave alone what is not a message of theirs', async () => {
    const { client, channel } = connect();
    for (const junk of [null, 7, 'x', {}, { reply: 'x' }, { reply: 99, ok: 1 }, { call: 1 }]) {
      channel.port1.postMessage(junk);
    }
    expect(await client.call('add', { a: 1, b: 1 })).toBe(2);
  });

  it('hear events', async () => {
    const { client, server } = connect();
    const heard = new Promise(resolve => {
      client.on('tick', resolve);
    });
    server.emitter<Events>()('tick', { n: 4 });
    expect(await heard).toEqual({ n: 4 });
  });
});
