import type { ChangeTextRequest } from '../../shared/changeTextApi';
import { CHANGE_FORMS } from '../../shared/changeTextApi';
import type { HistoryRequest } from '../../shared/historyApi';
import { HISTORY_LIMIT } from '../../shared/historyApi';
import { asObject, bad, whole } from './requestChecks';

/** Checks what the webview asks of the detail: see timelineRequests.ts. */
export function checkHistory(params: unknown): HistoryRequest {
  const p = asObject(params);
  const direction = p['direction'];
  if (direction !== 'earlier' && direction !== 'later') throw bad('direction');
  return {
    anchor: whole(p['anchor'], 'anchor'),
    // -1 stands before the first message.
    from: p['from'] === -1 ? -1 : whole(p['from'], 'from'),
    direction,
    limit: whole(p['limit'], 'limit', HISTORY_LIMIT),
  };
}

export function checkChangeText(params: unknown): ChangeTextRequest {
  const p = asObject(params);
  const form = CHANGE_FORMS.find(known => known === p['form']);
  if (form === undefined) throw bad('form');
  const { scope, pretty } = p;
  if (scope !== 'change' && scope !== 'transaction') throw bad('scope');
  if (typeof pretty !== 'boolean') throw bad('pretty');
  return { seq: whole(p['seq'], 'seq'), form, scope, pretty };
}
