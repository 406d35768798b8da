import { readPayload } from './payloadText';
import { testDecodingItem } from './testDecoding';
import type { TextItem } from './textChange';
import type { TextPlace } from './textLine';
import { TextError } from './textLine';
import type { TextPlugin } from '../../shared/textPlugin';
import { Wal2jsonReader } from './wal2json';

/** What one message says, or why it cannot be read. */
export type ReadText =
  { readonly items: readonly TextItem[] } | { readonly items?: undefined; readonly error: string };

/**
 * Reads one message by itself. A piece of a transaction of wal2json (option write-in-chunks) says what it
 * says also without the pieces before it.
 */
export function readText(plugin: TextPlugin, payload: Uint8Array, place: TextPlace): ReadText {
  try {
    return readPayload(payload, (text, itemOf) => {
      if (isUntold(text)) return { error: NOT_TOLD };
      if (plugin === 'wal2json') {
        return { items: new Wal2jsonReader().items(text, place).map(itemOf) };
      }
      return { items: [itemOf(testDecodingItem(text, place))] };
    });
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    return { error: error.message };
  }
}

/** Whether test_decoding says here that something was written, and not what. */
export function isUntold(text: string): boolean {
  return text.startsWith('streaming ') && !text.startsWith('streaming message');
}

export const NOT_TOLD =
  'test_decoding does not tell what changed while it streams a transaction (option stream-changes)';
