import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { WhoCost } from '../../src/shared/session';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';
import type { ViewState } from '../../src/shared/viewSpec';
import { isKnownPlugin } from '../../src/shared/textPlugin';
import { formatCount, formatDuration, formatPlural } from '../formats';
import { visibleText } from '../../src/base/visibleText';
import { formatBytes } from '../../src/base/quantity';

/** A difference of clocks that is worth a word, in milliseconds. */
const SHOWN_SKEW_MS = 1_000;

/** The line below the list: what was seen, and what we cost the server. */
@customElement('wal-status-line')
export class StatusLine extends LitElement {
  @property({ attribute: false }) snapshot: TimelineSnapshot | undefined;
  /** The view as the list has it, which may be newer than the snapshot's. */
  @property({ attribute: false }) view: ViewState | undefined;
  /** Rows that are chosen. */
  @property({ attribute: false }) chosen = 0;
  /** What was just done, in a few words. */
  @property({ attribute: false }) notice = '';

  @state() private notesOpen = false;

  protected override render(): TemplateResult | typeof nothing {
    const { snapshot } = this;
    if (snapshot === undefined) return nothing;
    const notes = snapshot.session?.notes ?? [];
    return html`<div class="line">
        ${this.#facts(snapshot).map(
          (fact, index) =>
            html`${index === 0 ? nothing : html`<span aria-hidden="true">·</span>`}${fact}`,
        )}
        ${
          notes.length === 0
            ? nothing
            : html`<vscode-toolbar-button
                id="notes"
                icon="info"
                toggleable
                label=${`Notes of the session: ${String(notes.length)}`}
                title="Warnings of the server and remarks of ours"
                .checked=${this.notesOpen}
                @change=${() => {
                  this.notesOpen = !this.notesOpen;
                }}
                ><span class="label"
                  >${formatPlural(notes.length, 'note')}</span
                ></vscode-toolbar-button
              >`
        }
        <span class="source">${this.#source(snapshot)}</span>
      </div>
      ${
        this.notesOpen && notes.length > 0
          ? html`<ul class="notes" aria-label="Notes of the session" tabindex="0">
              ${notes.map(note => html`<li>${visibleText(note)}</li>`)}
            </ul>`
          : nothing
      }`;
  }

  #facts({ view: told, session, capture, source }: TimelineSnapshot): TemplateResult<1>[] {
    const view = this.view ?? told;
    const facts = [
      html`<span id="changes">${seen(source.plugin, view, capture.cutChanges)}</span>`,
    ];
    if (capture.cutChanges > 0) {
      const title =
        'Cut off by the limit or with the connection, and sent again; not counted as changes';
      facts.push(
        html`<span id="cut" title=${title}>${formatCount(capture.cutChanges)} cut off</span>`,
      );
    }
    const { gaps } = capture;
    if (gaps !== undefined && gaps.count > 0) {
      facts.push(
        html`<span id="gaps" class="near" title="WAL that nobody saw while there was no stream"
          >${formatPlural(gaps.count, 'gap')}, ${formatBytes(gaps.bytes)} not seen</span
        >`,
      );
    }
    if (this.chosen > 0) {
      facts.push(html`<span id="chosen">${formatCount(this.chosen)} selected</span>`);
    }
    if (this.notice !== '') {
      facts.push(html`<span id="notice">${visibleText(this.notice)}</span>`);
    }
    if (session !== null && session.phase !== 'ended') {
      if (session.lagMs !== null) {
        facts.push(
          html`<span title="From commit to receipt">lag ${formatDuration(session.lagMs)}</span>`,
        );
      }
      const { skewMs = 0 } = session;
      if (Math.abs(skewMs) >= SHOWN_SKEW_MS) {
        const side = skewMs > 0 ? 'ahead' : 'behind';
        facts.push(
          html`<span
            id="skew"
            title="Compared with the clock of this machine; the lag is corrected by it"
            >server clock ${formatDuration(Math.abs(skewMs))} ${side}</span
          >`,
        );
      }
      facts.push(this.#retained(session.retainedBytes, session.retainedBudget, session.confirming));
      if (session.who !== undefined) facts.push(whoCost(session.who));
      if (session.costBytes !== null) {
        facts.push(
          html`<span title="WAL that the server reads for this peek"
            >server reads ${formatBytes(session.costBytes)}</span
          >`,
        );
      }
    }
    facts.push(html`<span>capture ${formatBytes(capture.bytes)}</span>`);
    return facts;
  }

  #retained(bytes: number | null, budget: number, confirming: boolean): TemplateResult<1> {
    const text = bytes === null ? 'unknown' : formatBytes(bytes);
    const near = bytes !== null && bytes > budget * 0.8;
    const title = `WAL that the server keeps because of us; the stream ends itself at ${formatBytes(budget)}${
      confirming ? '' : '; our position is not confirmed'
    }`;
    return html`<span class=${near ? 'near' : ''} title=${title}
      >we retain ${text}${near ? ' (near the limit)' : ''}</span
    >`;
  }

  #source({ source }: TimelineSnapshot): string {
    const parts = [source.title, source.server, source.database, source.serverVersion];
    const seen = new Set(parts.filter(part => part !== ''));
    return visibleText([...seen].join(' · '));
  }

  static override styles = css`
    :host {
      border-top: 1px solid
        var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
      color: var(--vscode-descriptionForeground);
      display: block;
      flex: none;
      font-size: 0.92em;
      font-variant-numeric: tabular-nums;
    }
    .line {
      align-items: center;
      display: flex;
      flex-wrap: wrap;
      column-gap: 6px;
      min-height: 24px;
      padding: 0 12px;
    }
    /* Its end is cut before the line breaks: a notice that comes and goes moves nothing. */
    .source {
      flex: 1 1 12ch;
      min-width: 0;
      text-align: right;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    /* Inside a button text has the browser's own font. */
    .label {
      font: calc(var(--vscode-font-size, 13px) * 0.92) var(--vscode-font-family);
    }
    #notice {
      color: var(--vscode-foreground);
    }
    .near {
      color: var(--vscode-editorWarning-foreground);
      font-weight: 600;
    }
    .notes {
      border-top: 1px solid
        var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
      color: var(--vscode-foreground);
      margin: 0;
      max-height: 30vh;
      overflow-y: auto;
      padding: 6px 12px 6px 28px;
    }
    .notes:focus-visible {
      outline: 1px solid var(--vscode-focusBorder);
      outline-offset: -1px;
    }
  `;
}

/** What it costs the server that we look who writes. */
function whoCost({ perSecond, milliseconds }: WhoCost): TemplateResult<1> {
  const rests =
    'Nobody looks who writes now: the server is busy, cannot be asked, or enough was noted';
  const title =
    perSecond === 0
      ? rests
      : 'So often pg_stat_activity is asked who writes, and so long the server takes for it (setting walExplorer.who.sample)';
  const text =
    perSecond === 0 ? 'who: resting' : `who ${String(perSecond)}/s, ${String(milliseconds)} ms`;
  return html`<span id="who" title=${title}>${text}</span>`;
}

/** What came in: changes, or lines of text where only the output plugin knows what a change is. */
function seen(plugin: string, view: ViewState, cutChanges: number): string {
  if (!isKnownPlugin(plugin)) return formatPlural(view.changes, 'line');
  // What was cut off came again: it is one change, not two.
  return formatPlural(view.changes - cutChanges, 'change');
}
