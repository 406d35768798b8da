import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { keyed } from 'lit/directives/keyed.js';
import { live } from 'lit/directives/live.js';
import { dataStyles } from '../dataStyles';
import { formatPlural } from '../formats';
import '../splitView';
import type { SplitEvent } from '../splitView';
import type { ActiveEvent } from '../virtualList';
import './bytesDetail';
import type { BytesSource } from './bytesDetail';
import type { TimelineModel } from './timelineModel';
import './wireList';
import type { WireList } from './wireList';
import { WireModel } from './wireModel';

/** How often it is looked for what was said, while a stream runs. */
const POLL_MS = 1000;

/**
 * The conversation itself: every frame that the server and we have sent, with its bytes. It follows the
 * selected change, and leads back to it.
 */
@customElement('wal-wire-pane')
export class WirePane extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  @state() private hideData = false;
  @state() private row = -1;
  @state() private arrived = 0;
  @state() private note = '';
  /** Share of the list. */
  @state() private split = 0.45;
  @query('wal-wire-list') private readonly list!: WireList | null;

  #wire: WireModel | undefined;
  #timer: number | undefined;
  /** The message that was selected in the list of changes when it was followed last. */
  #followed = -1;
  /** The message to go to as soon as it is reached; -1 for none. */
  #goal = -1;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => {
      if (this.model?.ended === false) this.#wire?.poll();
    }, POLL_MS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.clearInterval(this.#timer);
    this.#wire?.close();
    this.#wire = undefined;
  }

  override focus(): void {
    this.list?.focus();
  }

  protected override willUpdate(_changed: PropertyValues<this>): void {
    const { model } = this;
    if (model === undefined) return;
    if (this.#wire?.hideData !== this.hideData) this.#begin(model);
    const selected = model.selection?.seq ?? -1;
    if (selected !== this.#followed) {
      this.#followed = selected;
      this.note = '';
      if (selected >= 0 && selected !== this.#seq()) void this.#goTo(selected);
    }
  }

  protected override render(): TemplateResult | typeof nothing {
    const wire = this.#wire;
    if (wire === undefined || this.model === undefined) return nothing;
    const seq = this.#seq();
    return html`<div class="bar">
        <vscode-checkbox
          id="hide-data"
          .checked=${live(this.hideData)}
          @change=${() => {
            this.hideData = !this.hideData;
          }}
          >Hide XLogData</vscode-checkbox
        >
        <span class="dim count" role="status">${this.#count(wire)}</span>
        ${this.note === '' ? nothing : html`<span class="dim" role="status">${this.note}</span>`}
        <vscode-button
          id="show-change"
          secondary
          ?disabled=${seq < 0}
          title="Show the message of this line in the list of changes (Enter)"
          @click=${this.#showChange}
          >Show Change</vscode-button
        >
      </div>
      ${wire.failure === '' ? nothing : html`<p class="error" role="alert">${wire.failure}</p>`}
      <wal-split-view
        .beside=${this.#isWide()}
        .size=${this.split}
        .open=${this.row >= 0}
        @wal-split=${(event: SplitEvent) => {
          this.split = event.detail.size;
        }}
      >
        <wal-wire-list
          slot="start"
          .label=${'Conversation between the server and this program'}
          .wire=${wire}
          .revision=${this.arrived}
          .active=${this.row}
          @wal-active=${(event: ActiveEvent) => {
            this.row = event.detail.index;
            this.note = '';
            // A line is told by its message from now on, not by what is selected above.
            this.#goal = -1;
          }}
          @wal-toggle=${this.#showChange}
        ></wal-wire-list>
        <div slot="end" class="bytes">
          ${
            this.row < 0
              ? nothing
              : keyed(
                  this.hideData,
                  html`<wal-bytes-detail
                    .source=${this.#source}
                    .seq=${this.row}
                  ></wal-bytes-detail>`,
                )
          }
        </div>
      </wal-split-view>`;
  }

  readonly #source: BytesSource = {
    fields: async row => {
      const { model, hideData } = this;
      if (model === undefined) throw new Error('The panel is being closed.');
      return model.peer.call('wireFields', { row, hideData });
    },
    bytes: async (row, offset, length) => {
      const { model, hideData } = this;
      if (model === undefined) throw new Error('The panel is being closed.');
      return model.peer.call('wireBytes', { row, hideData, offset, length });
    },
  };

  /** The bytes stand beside the lines where there is more width than height. */
  #isWide(): boolean {
    const { width, height } = this.getBoundingClientRect();
    return width > 2 * height;
  }

  #count(wire: WireModel): string {
    const frames = formatPlural(wire.rows, 'frame');
    if (wire.complete || wire.failure !== '') return frames;
    return `${frames}, ${String(Math.floor(wire.reached * 100))} % of the capture looked at`;
  }

  #begin(model: TimelineModel): void {
    const goal = this.#seq();
    this.#wire?.close();
    this.row = -1;
    this.#goal = goal >= 0 ? goal : (model.selection?.seq ?? -1);
    this.#wire = new WireModel(model.peer, this.hideData, () => {
      this.arrived++;
      if (this.#goal >= 0) void this.#goTo(this.#goal);
    });
  }

  /** The message of the active line; -1 where there is none. */
  #seq(): number {
    return this.#wire?.line(this.row)?.seq ?? -1;
  }

  async #goTo(seq: number): Promise<void> {
    const wire = this.#wire;
    this.#goal = seq;
    if (wire === undefined || this.model === undefined) return;
    const { hideData } = wire;
    const { row } = await this.model.peer.call('wireRow', { seq, hideData });
    if (row < 0 || this.#goal !== seq || wire !== this.#wire) return;
    this.#goal = -1;
    this.row = row;
    await this.updateComplete;
    this.list?.revealInContext(row);
  }

  readonly #showChange = async (): Promise<void> => {
    const { model } = this;
    const seq = this.#seq();
    const view = model?.view?.view;
    if (model === undefined || view === undefined || seq < 0) return;
    const { row } = await model.peer.call('locate', { view, seq });
    if (row < 0) {
      this.note = 'The list of changes does not show this message: look at its filter.';
      return;
    }
    this.#followed = seq;
    await model.show({ row, seq });
  };

  static override styles = [
    dataStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
        min-height: 0;
      }
      .bar {
        align-items: center;
        display: flex;
        flex: none;
        flex-wrap: wrap;
        gap: 12px;
        padding: 3px 12px;
      }
      .count {
        flex: 1;
      }
      .error {
        color: var(--vscode-errorForeground);
        margin: 6px 12px;
      }
      wal-split-view,
      wal-wire-list {
        flex: 1;
        min-height: 0;
      }
      .bytes {
        height: 100%;
      }
    `,
  ];
}
