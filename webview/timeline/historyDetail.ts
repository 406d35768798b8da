import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { HistoryEntry } from '../../src/shared/historyApi';
import type { RowCommandName } from '../../src/shared/timelineApi';
import type { Fate } from '../../src/shared/timelineRow';
import { dataStyles } from '../dataStyles';
import { formatClock, formatCount, formatPlural } from '../formats';
import { OPERATION_LETTERS, dataText, summaryParts } from './cellValue';
import { choiceGroup } from './choiceGroup';
import { detailTabStyles } from './detailTabStyles';
import { HistoryModel } from './historyModel';
import type { TimelinePeer } from './timelineModel';

/** How often it is looked for what has come, in milliseconds. */
const FOLLOW_MS = 1000;

const FATE_WORDS: Readonly<Record<Fate, string>> = {
  open: 'not committed yet',
  committed: '',
  aborted: 'aborted',
  prepared: 'prepared',
  cut: 'cut off',
};

const STEPS: readonly {
  readonly name: RowCommandName;
  readonly label: string;
  readonly key: string;
}[] = [
  { name: 'firstOfRow', label: 'First', key: 'Alt+Home' },
  { name: 'previousOfRow', label: 'Previous', key: 'Alt+Up' },
  { name: 'nextOfRow', label: 'Next', key: 'Alt+Down' },
  { name: 'lastOfRow', label: 'Last', key: 'Alt+End' },
];

/** All changes of the row of a change; choosing one goes there. */
@customElement('wal-history-detail')
export class HistoryDetail extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  @property({ attribute: false }) seq = -1;
  /** Rises with every snapshot: more may have come. */
  @property({ attribute: false }) revision = 0;
  @property({ attribute: false }) ended = false;

  @state() private order: 'newest' | 'oldest' = 'newest';
  readonly #model = new HistoryModel(() => {
    this.requestUpdate();
  });
  #askedAt = 0;
  /** The change that was brought in sight. */
  #inSight = -1;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#model.stop();
  }

  protected override willUpdate(changed: PropertyValues): void {
    const now = performance.now();
    if (this.peer === undefined || this.seq < 0) return;
    if (changed.has('seq') || changed.has('peer')) {
      this.#askedAt = now;
      this.#model.show(this.peer, this.seq);
    } else if (changed.has('revision') && !this.ended && now - this.#askedAt > FOLLOW_MS) {
      this.#askedAt = now;
      this.#model.follow();
    }
  }

  /** The change that is asked about, once all around it is there. */
  protected override updated(): void {
    if (this.#inSight === this.seq || this.#model.busy) return;
    const current = this.renderRoot.querySelector('tr.current');
    if (current === null) return;
    this.#inSight = this.seq;
    current.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): TemplateResult {
    const model = this.#model;
    if (model.problem !== '') return html`<p class="dim">${dataText(model.problem)}</p>`;
    const { entries } = model;
    const shown = this.order === 'newest' ? entries : entries.toReversed();
    const [above, below] =
      this.order === 'newest' ? (['later', 'earlier'] as const) : (['earlier', 'later'] as const);
    return html`<div class="controls">
        <span>${this.#heading()}</span>
        <span class="steps">
          ${STEPS.map(
            ({ name, label, key }) =>
              html`<button
                type="button"
                id=${name}
                title="${label} change of this row (${key})"
                @click=${() => {
                  this.#send(name);
                }}
              >
                ${label}
              </button>`,
          )}
          <button
            type="button"
            id="filterByRow"
            title="Show only the changes of this row in the list"
            @click=${() => {
              this.#send('filterByRow');
            }}
          >
            Filter by This Row
          </button>
          <button
            type="button"
            id="copy-history"
            ?disabled=${entries.length === 0}
            @click=${this.#copy}
          >
            Copy
          </button>
        </span>
        ${choiceGroup(
          'order',
          'Order',
          [
            { value: 'newest', label: 'Newest first' },
            { value: 'oldest', label: 'Oldest first' },
          ],
          this.order,
          order => {
            this.order = order;
          },
        )}
      </div>
      <p class="dim" role="status">${this.#status(entries.length)}</p>
      ${model.failure === '' ? nothing : html`<p class="error" role="alert">${dataText(model.failure)}</p>`}
      ${this.#more(above)} ${this.#table(shown)} ${this.#more(below)}`;
  }

  #heading(): TemplateResult {
    const { key, byWholeRow } = this.#model;
    if (byWholeRow) {
      return html`Changes of this table carry the whole row and no key (REPLICA IDENTITY FULL), so
      the row is found again by all its values.`;
    }
    return html`${key.map(
      ({ column, after }, i) =>
        html`${i === 0 ? nothing : ', '}<span class="dim">${dataText(column)}</span>
          <b class="data"
            >${after === undefined ? nothing : summaryParts([{ column: '', after }])}</b
          >`,
    )}`;
  }

  #status(count: number): string {
    const model = this.#model;
    if (model.busy) return `${formatPlural(count, 'change')} so far; looking through the capture…`;
    const all = model.isDone('earlier') && model.isDone('later');
    return all
      ? `${formatPlural(count, 'change')} of this row in this capture.`
      : `${formatPlural(count, 'change')} of this row; there may be more.`;
  }

  #more(direction: 'earlier' | 'later'): TemplateResult | typeof nothing {
    const model = this.#model;
    if (model.busy || model.isDone(direction) || model.entries.length === 0) return nothing;
    return html`<button
      type="button"
      @click=${() => {
        model.more(direction);
        this.requestUpdate();
      }}
    >
      ${direction === 'earlier' ? 'Look for Earlier Changes' : 'Look for Later Changes'}
    </button>`;
  }

  #table(entries: readonly HistoryEntry[]): TemplateResult {
    const now = new Date();
    const hasWho = entries.some(({ who }) => who !== undefined);
    const stop = entries.some(({ seq }) => seq === this.seq) ? this.seq : entries[0]?.seq;
    return html`<table role="grid" aria-label="Changes of this row" @keydown=${this.#key}>
      <thead>
        <tr>
          <th scope="col">message</th>
          <th scope="col">committed</th>
          <th scope="col">xid</th>
          <th scope="col"><span class="sr">operation</span></th>
          <th scope="col">what changed</th>
          ${hasWho ? html`<th scope="col">who</th>` : nothing}
        </tr>
      </thead>
      <tbody>
        ${entries.map(
          entry =>
            html`<tr
              class="entry fate-${entry.fate} ${entry.seq === this.seq ? 'current' : ''}"
              tabindex=${entry.seq === stop ? '0' : '-1'}
              aria-current=${entry.seq === this.seq ? 'true' : nothing}
              data-seq=${entry.seq}
              @click=${() => {
                this.#show(entry.seq);
              }}
            >
              <td class="data">${formatCount(entry.seq)}</td>
              <td class="data time">
                ${
                  entry.time === ''
                    ? html`<span class="dim">${FATE_WORDS[entry.fate]}</span>`
                    : formatClock(entry.time, now)
                }${entry.fate === 'aborted' && entry.time !== '' ? html` <span class="dim">aborted</span>` : nothing}
              </td>
              <td class="data">${entry.xid === 0 ? nothing : entry.xid}</td>
              <td class="op op-${entry.operation} data">
                <span aria-hidden="true">${OPERATION_LETTERS[entry.operation]}</span
                ><span class="sr">${entry.operation}</span>
              </td>
              <td class="data what">
                ${
                  entry.operation === 'truncate'
                    ? html`<span class="dim">all rows of the table were removed</span>`
                    : html`${summaryParts([...entry.key, ...entry.summary])}`
                }
              </td>
              ${hasWho ? html`<td class="data who">${entry.who === undefined ? nothing : dataText(entry.who)}</td>` : nothing}
            </tr>`,
        )}
      </tbody>
    </table>`;
  }

  readonly #key = (event: KeyboardEvent): void => {
    const [target] = event.composedPath();
    if (!(target instanceof HTMLElement) || target.dataset.seq === undefined) return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('tr[data-seq]')];
    const at = rows.indexOf(target);
    const places: Readonly<Record<string, number>> = {
      ArrowUp: at - 1,
      ArrowDown: at + 1,
      Home: 0,
      End: rows.length - 1,
    };
    const place = places[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.#show(Number(target.dataset.seq));
    else if (place === undefined) return;
    else {
      for (const row of rows) row.tabIndex = -1;
      const next = rows[Math.max(0, Math.min(place, rows.length - 1))];
      if (next !== undefined) {
        next.tabIndex = 0;
        next.focus();
      }
    }
    event.preventDefault();
  };

  #show(seq: number): void {
    this.dispatchEvent(new CustomEvent('wal-show', { detail: seq, bubbles: true, composed: true }));
  }

  #send(detail: RowCommandName): void {
    this.dispatchEvent(
      new CustomEvent('wal-row-command', { detail, bubbles: true, composed: true }),
    );
  }

  /** The table as text, with tabs between its cells. */
  readonly #copy = (): void => {
    const rows = [...this.renderRoot.querySelectorAll<HTMLElement>('tr')];
    const text = rows
      .map(row =>
        [...row.children]
          .map(cell =>
            cell instanceof HTMLElement ? cell.innerText.replace(/\s+/g, ' ').trim() : '',
          )
          .join('\t'),
      )
      .join('\n');
    const detail = { what: 'text', text: text.slice(0, 60_000) };
    this.dispatchEvent(
      new CustomEvent('wal-copy-value', { detail, bubbles: true, composed: true }),
    );
  };

  static override styles = [
    dataStyles,
    detailTabStyles,
    css`
      .steps {
        display: inline-flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .entry {
        cursor: pointer;
      }
      td:first-child {
        padding-left: 4px;
      }
      .entry:hover {
        background: var(--vscode-list-hoverBackground);
      }
      .entry.current {
        background: var(--vscode-list-inactiveSelectionBackground);
        outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
        outline-offset: -1px;
      }
      /* Dimmed text is too faint on the colour of the row that is chosen. */
      .entry:is(.current, :hover) :is(.dim, .null, .nothing, .unchanged, .masked) {
        color: inherit;
      }
      .fate-aborted .what {
        text-decoration: line-through;
      }
      th,
      td:not(.what, .who) {
        overflow-wrap: normal;
        white-space: nowrap;
      }
      .what {
        min-width: 24ch;
      }
      .who {
        min-width: 10ch;
      }
      table {
        min-width: 100%;
      }
      @media (forced-colors: active) {
        .entry.current {
          outline: 2px solid Highlight;
        }
      }
    `,
  ];
}
