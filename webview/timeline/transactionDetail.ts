import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { OPERATIONS } from '../../src/shared/viewSpec';
import type { ChangeDetail, TransactionFacts } from '../../src/shared/changeDetail';
import type { Fate } from '../../src/shared/timelineRow';
import { formatBytes } from '../../src/base/quantity';
import { visibleText } from '../../src/base/visibleText';
import type { Who } from '../../src/shared/who';
import { formatClock, formatCount, formatDuration } from '../formats';
import { OPERATION_LETTERS, dataText } from './cellValue';

const FATES: Readonly<Record<Fate, string>> = {
  open: 'open: not committed yet, so tentative',
  committed: 'committed',
  aborted: 'aborted: none of it ever took effect',
  prepared: 'prepared: waits for COMMIT PREPARED',
  cut: 'cut off by the limit of the peek; below it begins again, unless it was rolled back',
};

/**
 * The facts of the transaction that a message belongs to, and of the message itself. `ended`: nothing
 * more comes.
 */
export function transactionDetail(
  detail: ChangeDetail,
  ended: boolean,
  showSql: () => void,
): TemplateResult {
  const { transaction } = detail;
  return html`<div class="detail">
    ${
      transaction === undefined
        ? html`<p class="dim">This message belongs to no transaction.</p>`
        : html`${facts(transaction, ended)}
            <p>
              <button type="button" class="link" id="transaction-sql" @click=${showSql}>
                Show SQL of the Transaction
              </button>
            </p>`
    }
    <h2>Message</h2>
    <dl class="facts">
      <dt>number</dt>
      <dd class="data">${formatCount(detail.seq)}</dd>
      <dt>kind</dt>
      <dd>${detail.messageName}</dd>
      <dt>LSN</dt>
      <dd class="data">${detail.lsn}</dd>
      <dt>sent by the server</dt>
      <dd class="data">${detail.serverTime}</dd>
      <dt>length</dt>
      <dd>${formatBytes(detail.length)}</dd>
    </dl>
  </div>`;
}

/** An open transaction of which nothing more comes. */
const NO_END = 'no commit seen: the capture ends before the end of this transaction';

function facts(t: TransactionFacts, ended: boolean): TemplateResult {
  const unknown = html`<span class="dim">not known yet</span>`;
  const lsn = (text: string): TemplateResult => (text === '' ? unknown : html`${text}`);
  return html`<dl class="facts">
    <dt>xid</dt>
    <dd class="data">${t.xid}</dd>
    <dt>fate</dt>
    <dd class=${t.fate === 'open' ? 'tentative' : ''}>
      ${t.fate === 'open' && ended ? NO_END : FATES[t.fate]}${t.streamed ? '; sent in blocks before its end' : ''}
    </dd>
    <dt>committed</dt>
    <dd class="data">
      ${
        t.commitTime === ''
          ? unknown
          : html`${formatClock(t.commitTime, new Date())} <span class="dim">${t.commitTime}</span>`
      }
    </dd>
    ${
      t.lastedMs === undefined
        ? nothing
        : html`<dt>lasted</dt>
            <dd title="WAL does not tell when a transaction began">
              at least ${formatDuration(t.lastedMs)}
            </dd>`
    }
    <dt>who</dt>
    <dd>${whoWrote(t.who)}</dd>
    ${
      t.origin === undefined
        ? nothing
        : html`<dt>origin</dt>
            <dd class="data">${dataText(t.origin)}</dd>`
    }
    ${
      t.gid === undefined
        ? nothing
        : html`<dt>prepared as</dt>
            <dd class="data">${dataText(t.gid)}</dd>`
    }
    <dt>first LSN</dt>
    <dd class="data">${lsn(t.firstLsn)}</dd>
    <dt>commit LSN</dt>
    <dd class="data">${lsn(t.commitLsn)}</dd>
    <dt>end LSN</dt>
    <dd class="data">${lsn(t.endLsn)}</dd>
    <dt>changes</dt>
    <dd>
      ${formatCount(t.changes)}
      ${OPERATIONS.map(operation =>
        t.byOperation[operation] === 0
          ? nothing
          : html`<span class="tally"
              ><b class="op op-${operation} data" title=${operation}
                >${OPERATION_LETTERS[operation]}</b
              >
              ${formatCount(t.byOperation[operation])}</span
            >`,
      )}
    </dd>
    <dt>tables</dt>
    <dd>${tables(t)}</dd>
    <dt>received</dt>
    <dd>${formatBytes(t.bytes)}</dd>
  </dl>`;
}

/** With the changes of each, the most first. */
function tables({ tables: names, byTable }: TransactionFacts): TemplateResult {
  if (byTable === undefined) {
    return html`<span class="data"
      >${names.map(table => html`<div>${dataText(table)}</div>`)}</span
    >`;
  }
  return html`${byTable.map(
    ({ table, changes }) =>
      html`<div>
        <span class="data">${dataText(table)}</span>
        <span class="dim">${formatCount(changes)}</span>
      </div>`,
  )}`;
}

function whoWrote(who: Who | undefined): TemplateResult {
  if (who === undefined) return html`<span class="dim">not looked for</span>`;
  if (!who.seen) return html`<span class="dim">not seen: it was too short</span>`;
  const { application, user, client, pid, query, queryVisible, queryCut, seenAt } = who;
  const parts = [
    application,
    `user ${user}`,
    client === '' ? '' : `from ${client}`,
    pid === 0 ? '' : `process ${String(pid)}`,
  ].filter(part => part !== '');
  const seen = `seen ${formatClock(seenAt, new Date())}`;
  return html`<div>${dataText(parts.join(', '))} <span class="dim">${seen}</span></div>
    ${
      query === ''
        ? html`<div class="dim">
            ${queryVisible ? nothing : 'Our role may not see its statement.'}
          </div>`
        : html`<div class="data">
            <bdi>${visibleText(query.trim(), true)}</bdi>${queryCut ? '…' : nothing}
          </div>`
    }`;
}
