import type { MarksHostApi, MarksReaderApi } from '../../shared/marks';
import { MARK_NAME_LIMIT } from '../../shared/marks';
import { asObject, text, whole } from './requestChecks';

type ParamsOf<K extends keyof MarksHostApi> = Parameters<MarksHostApi[K]>[0];

/** Checks what the webview asks about marks: see timelineRequests.ts. */
export function checkMark(params: unknown): ParamsOf<'copyMark'> {
  return { id: whole(asObject(params)['id'], 'id') };
}

export function checkRename(params: unknown): ParamsOf<'renameMark'> {
  const p = asObject(params);
  return { id: whole(p['id'], 'id'), name: text(p['name'], 'name', MARK_NAME_LIMIT) };
}

export function checkCompare(params: unknown): Parameters<MarksReaderApi['compareMarks']>[0] {
  const p = asObject(params);
  return { a: whole(p['a'], 'a'), b: whole(p['b'], 'b') };
}
