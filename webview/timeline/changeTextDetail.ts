import { LitElement, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { visibleText } from '../../src/base/visibleText';
import type { ChangeText, ChangeTextRequest } from '../../src/shared/changeTextApi';
import { dataStyles } from '../dataStyles';
import { dataText } from './cellValue';
import type { Choice } from './choiceGroup';
import { choiceGroup } from './choiceGroup';
import { detailTabStyles } from './detailTabStyles';
import type { TimelinePeer } from './timelineModel';

type Form = ChangeTextRequest['form'];
type Scope = ChangeTextRequest['scope'];

const FORMS: Readonly<Record<'sql' | 'json', readonly Choice<Form>[]>> = {
  sql: [
    { value: 'redo', label: 'Redo' },
    { value: 'undo', label: 'Undo' },
  ],
  json: [
    { value: 'native', label: 'Event' },
    { value: 'debezium', label: 'Debezium' },
  ],
};

const SCOPES: readonly Choice<Scope>[] = [
  { value: 'change', label: 'This change' },
  { value: 'transaction', label: 'Whole transaction' },
];

const DEBEZIUM_NOTE =
  'As Debezium’s connector for PostgreSQL writes it without a schema, with decimal.handling.mode=string and its other defaults. What was not sent is null there.';

/** A change, or its transaction, as text for other tools: SQL or JSON. */
@customElement('wal-change-text')
export class ChangeTextDetail extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  @property({ attribute: false }) seq = -1;
  @property({ attribute: false }) kind: 'sql' | 'json' = 'sql';
  /** The message belongs to a transaction. */
  @property({ attribute: false }) inTransaction = true;
  /** The message changes nothing itself: what is meant is its transaction. */
  @property({ attribute: false }) wholeOnly = false;

  @state() private form: Form = 'redo';
  @state() private scope: Scope = 'change';
  @state() private pretty = true;
  @state() private shown: ChangeText | undefined;
  @state() private failure = '';
  #cancel = new AbortController();
  /** What was asked for last. */
  #asked = '';

  /** Chooses what is shown, as if by hand. */
  choose(choice: { readonly form?: Form; readonly scope?: Scope }): void {
    this.form = choice.form ?? this.form;
    this.scope = choice.scope ?? this.scope;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#cancel.abort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('kind') && !FORMS[this.kind].some(({ value }) => value === this.form)) {
      this.form = this.kind === 'sql' ? 'redo' : 'native';
    }
    const asked = JSON.stringify(this.#request);
    if (asked === this.#asked || this.seq < 0) return;
    this.#asked = asked;
    void this.#load();
  }

  get #request(): ChangeTextRequest {
    const { seq, form, pretty } = this;
    const scope = !this.inTransaction ? 'change' : this.wholeOnly ? 'transaction' : this.scope;
    return { seq, form, scope, pretty: this.kind === 'json' && pretty };
  }

  protected override render(): TemplateResult {
    const { shown } = this;
    return html`<div class="controls">
        ${choiceGroup('form', 'Form', FORMS[this.kind], this.form, form => {
          this.form = form;
        })}
        ${
          this.inTransaction && !this.wholeOnly
            ? choiceGroup('scope', 'Of what', SCOPES, this.scope, scope => {
                this.scope = scope;
              })
            : nothing
        }
        ${this.kind === 'json' ? this.#prettyBox() : nothing}
        <button
          type="button"
          id="copy-text"
          ?disabled=${shown === undefined || shown.text === ''}
          @click=${this.#copy}
        >
          Copy
        </button>
      </div>
      ${this.failure === '' ? nothing : html`<p class="error" role="alert">${dataText(this.failure)}</p>`}
      ${this.form === 'debezium' ? html`<p class="dim">${DEBEZIUM_NOTE}</p>` : nothing}
      ${shown === undefined ? html`<p class="dim">Loading…</p>` : this.#text(shown)}`;
  }

  #prettyBox(): TemplateResult {
    return html`<label
      ><input
        type="checkbox"
        .checked=${live(this.pretty)}
        @change=${(event: Event) => {
          this.pretty = (event.target as HTMLInputElement).checked;
        }}
      />Over many lines</label
    >`;
  }

  #text({ text, remarks, complete }: ChangeText): TemplateResult {
    return html`${
      remarks.length === 0
        ? nothing
        : html`<ul class="remarks ${complete ? '' : 'incomplete'}" aria-label="Remarks">
            ${remarks.map(remark => html`<li>${dataText(remark)}</li>`)}
          </ul>`
    }${
      text === ''
        ? nothing
        : html`<pre
            tabindex="0"
            role="region"
            aria-label=${this.kind === 'sql' ? 'SQL' : 'JSON'}
          ><bdi>${visibleText(text, true)}</bdi></pre>`
    }`;
  }

  #copy(): void {
    const detail = { what: 'change', ...this.#request };
    this.dispatchEvent(
      new CustomEvent('wal-copy-value', { detail, bubbles: true, composed: true }),
    );
  }

  async #load(): Promise<void> {
    this.#cancel.abort();
    const cancel = new AbortController();
    this.#cancel = cancel;
    try {
      const shown = await this.peer?.call('changeText', this.#request, cancel.signal);
      if (cancel.signal.aborted) return;
      this.shown = shown;
      this.failure = '';
    } catch (error) {
      if (cancel.signal.aborted) return;
      this.shown = undefined;
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  static override styles = [dataStyles, detailTabStyles];
}
