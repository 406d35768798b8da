import { formatBytes, formatPlural } from '../../base/quantity';
import type { ExportResult } from '../../shared/readerApi';

/** What the file holds in the end and up to where, for a person. */
export function exportOutcome(result: ExportResult, name: string): string {
  const { events, bytes, lastLsn, complete, reason } = result;
  const holds = `${formatPlural(events, 'event')}${lastLsn === '' ? '' : ` up to ${lastLsn}`}`;
  if (complete) return `Exported ${holds} to ${name}, ${formatBytes(bytes)}.`;
  if (events === 0) {
    return reason === ''
      ? 'Export cancelled; nothing was written.'
      : `The export ended, and nothing was written. ${reason}`;
  }
  if (reason === '') return `Export cancelled: ${name} holds ${holds}.`;
  return `The export ended early: ${name} holds ${holds}. ${reason}`;
}

/** How far it is, and how fast. */
export function exportProgress(events: number, bytes: number, milliseconds: number): string {
  const rate = Math.round(bytes / Math.max(0.001, milliseconds / 1000));
  return `${formatPlural(events, 'event')}, ${formatBytes(bytes)}, ${formatBytes(rate)}/s`;
}
