import { BYTES_LIMIT } from '../../shared/changeDetail';
import type { WireApi } from '../../shared/wireApi';
import { WIRE_PAGE_LIMIT } from '../../shared/wireApi';
import { asObject, bad, whole } from './requestChecks';

type ParamsOf<K extends keyof WireApi> = Parameters<WireApi[K]>[0];

/** Checks what the webview asks of the conversation: see timelineRequests.ts. */
export function checkWire(params: unknown): ParamsOf<'wire'> {
  const p = asObject(params);
  return {
    hideData: flag(p['hideData']),
    first: whole(p['first'], 'first'),
    count: whole(p['count'], 'count', WIRE_PAGE_LIMIT),
  };
}

export function checkWireSeq(params: unknown): ParamsOf<'wireRow'> {
  const p = asObject(params);
  return { hideData: flag(p['hideData']), seq: whole(p['seq'], 'seq') };
}

export function checkWireRow(params: unknown): ParamsOf<'wireFields'> {
  const p = asObject(params);
  return { hideData: flag(p['hideData']), row: whole(p['row'], 'row') };
}

export function checkWireBytes(params: unknown): ParamsOf<'wireBytes'> {
  const p = asObject(params);
  return {
    ...checkWireRow(p),
    offset: whole(p['offset'], 'offset'),
    length: whole(p['length'], 'length', BYTES_LIMIT),
  };
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw bad('hideData');
  return value;
}
