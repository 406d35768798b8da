import type { FilterApi } from '../../shared/filterApi';
import { FILTER_LIMIT } from '../../shared/viewSpec';
import { asObject, text, whole } from './requestChecks';

type ParamsOf<K extends keyof FilterApi> = Parameters<FilterApi[K]>[0];

/** What is longer than an expression may be is answered as such, up to here. */
const TYPED_LIMIT = FILTER_LIMIT * 4;

/** Checks what the webview asks about an expression: see timelineRequests.ts. */
export function checkFilterText(params: unknown): ParamsOf<'checkFilter'> {
  return { text: text(asObject(params)['text'], 'text', TYPED_LIMIT) };
}

export function checkFilterCaret(params: unknown): ParamsOf<'completeFilter'> {
  const p = asObject(params);
  return {
    text: text(p['text'], 'text', TYPED_LIMIT),
    caret: whole(p['caret'], 'caret', TYPED_LIMIT),
  };
}
