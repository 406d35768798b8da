import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { formatBytes } from '../../src/base/quantity';
import type { LargeTransaction, Statistics } from '../../src/shared/statisticsApi';
import { formatClock, formatCount, formatDuration } from '../formats';

/** By what the largest are the largest. */
export type LargestBy = keyof Statistics['largest'];

const LARGEST: readonly { readonly by: LargestBy; readonly label: string }[] = [
  { by: 'changes', label: 'by changes' },
  { by: 'bytes', label: 'by bytes' },
  { by: 'duration', label: 'by duration' },
];

/** What a click asks for. */
interface LargestActions {
  readonly choose: (by: LargestBy) => void;
  readonly goTo: (large: LargeTransaction) => void;
}

/** The largest transactions, with a choice of what is large. */
export function largestTransactions(
  largest: Statistics['largest'],
  by: LargestBy,
  actions: LargestActions,
): TemplateResult {
  const option = (each: (typeof LARGEST)[number]): TemplateResult =>
    html`<button
      type="button"
      id="largest-${each.by}"
      aria-pressed=${by === each.by ? 'true' : 'false'}
      @click=${() => {
        actions.choose(each.by);
      }}
    >
      ${each.label}
    </button>`;
  return html`<div class="bar">
      <h3 id="largest-title">Largest transactions</h3>
      <span role="group" aria-labelledby="largest-title">${LARGEST.map(option)}</span>
    </div>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="largest-title">
      ${largest[by].length === 0 ? none(by) : table(largest[by], actions)}
    </div>`;
}

function none(by: LargestBy): TemplateResult {
  const text =
    by === 'duration'
      ? 'How long a transaction took is known of those that were sent before their commit: there are none.'
      : 'There are none yet.';
  return html`<p class="dim">${text}</p>`;
}

function table(found: readonly LargeTransaction[], actions: LargestActions): TemplateResult {
  return html`<table id="largest">
    <thead>
      <tr>
        <th scope="col">xid</th>
        <th scope="col">Changes</th>
        <th scope="col">Received</th>
        <th scope="col">Took at least</th>
        <th scope="col">Committed</th>
      </tr>
    </thead>
    <tbody>
      ${found.map(large => row(large, actions))}
    </tbody>
  </table>`;
}

function row(large: LargeTransaction, { goTo }: LargestActions): TemplateResult {
  const { xid, changes, bytes, milliseconds, commitTime } = large;
  return html`<tr>
    <td>
      <button
        type="button"
        title="Go to this transaction"
        aria-label=${`Go to transaction ${String(xid)}`}
        @click=${() => {
          goTo(large);
        }}
      >
        ${xid}
      </button>
    </td>
    <td>${formatCount(changes)}</td>
    <td>${formatBytes(bytes)}</td>
    <td>${milliseconds === undefined ? '' : formatDuration(milliseconds)}</td>
    <td>${commitTime === '' ? 'not committed' : formatClock(commitTime, new Date())}</td>
  </tr>`;
}
