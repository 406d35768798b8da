import type { OverviewApi, OverviewAxis } from '../../shared/overviewApi';
import { OVERVIEW_BUCKETS_LIMIT, OVERVIEW_PLACES_LIMIT } from '../../shared/overviewApi';
import type { StatisticsApi } from '../../shared/statisticsApi';
import { asList, asObject, bad, whole } from './requestChecks';

type ParamsOf<K extends keyof OverviewApi> = Parameters<OverviewApi[K]>[0];

/** Checks what the webview asks of the overview strip and the statistics: see timelineRequests.ts. */
export function checkOverview(params: unknown): ParamsOf<'overview'> {
  const p = asObject(params);
  const request = {
    by: axis(p['by']),
    buckets: whole(p['buckets'], 'buckets', OVERVIEW_BUCKETS_LIMIT),
    view: whole(p['view'], 'view'),
  };
  if (p['window'] === undefined) return request;
  const window = asObject(p['window']);
  const from = place(window['from'], 'from');
  const to = place(window['to'], 'to');
  if (to <= from) throw bad('window');
  return { ...request, window: { from, to } };
}

export function checkOverviewPlaces(params: unknown): ParamsOf<'overviewPlaces'> {
  const p = asObject(params);
  const seqs = asList(p['seqs'], OVERVIEW_PLACES_LIMIT, 'seqs').map(seq => whole(seq, 'seqs'));
  return { by: axis(p['by']), seqs };
}

export function checkStatistics(params: unknown): Parameters<StatisticsApi['statistics']>[0] {
  const p = asObject(params);
  const scope = p['scope'];
  if (scope !== 'all' && scope !== 'view') throw bad('scope');
  return { view: whole(p['view'], 'view'), scope };
}

function axis(value: unknown): OverviewAxis {
  if (value !== 'time' && value !== 'lsn') throw bad('by');
  return value;
}

/** Times may lie before 2000. */
function place(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw bad(name);
  return value;
}
