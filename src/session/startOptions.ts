import type { PgoutputOptions } from '../shared/session';
import { publicationNames } from '../postgres/quote';

/** How a request wants its changes sent. */
export interface StreamForm {
  readonly streaming?: boolean;
  readonly binary?: boolean;
}

/**
 * What pgoutput is asked for. Protocol 2 with streaming, which every version has that we know: a huge
 * transaction then comes at once in pieces, and the server spills nothing to its disk. Nothing that
 * would change a slot is ever passed (`two_phase` turns it on for good, src/backend/replication/logical/logical.c).
 * Without `streaming` large transactions come at their commit, as a plain consumer gets them.
 */
export function pgoutputStartOptions(
  options: PgoutputOptions,
  { streaming = true, binary = false }: StreamForm = {},
): Readonly<Record<string, string>> {
  return {
    proto_version: '2',
    publication_names: publicationNames(options.publications),
    ...(streaming ? { streaming: 'on' } : {}),
    ...(binary ? { binary: 'true' } : {}),
    ...(options.messages === false ? {} : { messages: 'true' }),
  };
}

/**
 * What test_decoding is asked for, each option pinned. Not `stream-changes`, although the server then keeps
 * a large transaction on its disk until the commit: with it the plugin tells that there was a change, and not
 * which (contrib/test_decoding/test_decoding.c, pg_decode_stream_change). Up to 16 not `skip-empty-xacts`
 * either: a transaction that begins with a message loses its BEGIN there (pg_decode_message).
 */
export function testDecodingStartOptions(
  serverVersionNum: number,
): Readonly<Record<string, string>> {
  return {
    'include-xids': 'on',
    'include-timestamp': 'on',
    ...(serverVersionNum >= 170_000 ? { 'skip-empty-xacts': 'on' } : {}),
  };
}

/**
 * What another plugin is asked for when its consumer does not show: its defaults, but of test_decoding the
 * transaction and its time, and of wal2json one object a change, because its older form builds a whole
 * transaction in memory.
 */
export function otherPluginOptions(
  plugin: string,
  serverVersionNum: number,
): Readonly<Record<string, string>> {
  if (plugin === 'wal2json') return { 'format-version': '2' };
  return plugin === 'test_decoding' ? testDecodingStartOptions(serverVersionNum) : {};
}
