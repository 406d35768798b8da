import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { CellValue } from '../../src/shared/timelineRow';
import { dataStyles } from '../dataStyles';
import { formatCount } from '../formats';
import { linkStyles } from '../linkStyles';
import { visibleText } from '../../src/base/visibleText';
import { formatBytes } from '../../src/base/quantity';
import type { ValueForm } from '../../src/base/prettyValue';
import { prettyValue } from '../../src/base/prettyValue';
import { cellValue } from './cellValue';

/** A slice of the value, in characters. */
export type LoadSlice = (
  offset: number,
  length: number,
) => Promise<{ readonly text: string; readonly total: number }>;

/** Bytes of a value beyond which it is not formatted: it would stand still for a while. */
const FORMAT_LIMIT = 1024 * 1024;

const FORM_NAMES: Readonly<Record<ValueForm, string>> = {
  json: 'format',
  array: 'format',
  bytes: 'as text',
};

const NO_FORM: Readonly<Record<ValueForm, string>> = {
  json: 'This is no JSON.',
  array: 'This is no array that can be read.',
  bytes: 'These bytes are no text in UTF-8.',
};

/** Characters fetched at a time. */
const SLICE = 64 * 1024;

/** A value; one that was cut is fetched slice by slice when it is asked for. */
@customElement('wal-long-value')
export class LongValue extends LitElement {
  @property({ attribute: false }) value: CellValue = { kind: 'absent' };
  @property({ attribute: false }) load: LoadSlice | undefined;
  /** How it can be shown besides as it is. */
  @property({ attribute: false }) form: ValueForm | undefined;
  /** What the value belongs to; another one forgets what was loaded. */
  @property({ attribute: false }) owner = '';

  @state() private slices: readonly string[] = [];
  @state() private total = 0;
  @state() private failure = '';
  /** Shown in the other form; undefined: as it is. */
  @state() private formatted: string | undefined;
  #loading = false;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('owner')) return;
    this.slices = [];
    this.failure = '';
    this.formatted = undefined;
  }

  protected override render(): TemplateResult {
    const { value } = this;
    if (this.formatted !== undefined) {
      return html`<div class="whole data" tabindex="0" role="region" aria-label="Formatted value">
          <bdi>${visibleText(this.formatted, true)}</bdi>
        </div>
        ${this.#formButton('as it is')}`;
    }
    const cut = (value.kind === 'text' || value.kind === 'binary') && value.cut;
    if (!cut) {
      return html`<span class="data">${cellValue(value)}</span> ${this.#formButton()}
        ${this.failure === '' ? nothing : html`<span role="alert">${this.failure}</span>`}`;
    }
    if (this.slices.length === 0) {
      return html`<span class="data">${cellValue(value)}</span> ${this.#button(
          `show all (${formatBytes(value.bytes)})`,
        )}
        ${this.#formButton()}`;
    }
    const have = this.#loaded();
    return html`<div class="whole data" tabindex="0" role="region" aria-label="Whole value">
        ${this.slices.map(slice => html`<bdi>${visibleText(slice, true)}</bdi>`)}
      </div>
      ${
        have < this.total
          ? this.#button(
              `show more (${formatCount(have)} of ${formatCount(this.total)} characters)`,
            )
          : nothing
      }`;
  }

  #formButton(back?: string): TemplateResult | typeof nothing {
    const { form, value } = this;
    if (form === undefined || value.kind !== 'text' || value.bytes > FORMAT_LIMIT) return nothing;
    // Empty objects and arrays look the same in every form.
    if (/^(?:\{\}|\[\]|\\x)$/.test(value.text)) return nothing;
    return html`<button
      type="button"
      class="link"
      @click=${() => {
        if (back === undefined) void this.#format(form);
        else this.formatted = undefined;
      }}
    >
      ${back ?? FORM_NAMES[form]}
    </button>`;
  }

  /** Over many lines, or as text; the whole value is fetched for it. */
  async #format(form: ValueForm): Promise<void> {
    const { value, owner } = this;
    if (value.kind !== 'text') return;
    try {
      let text = value.text;
      if (value.cut) {
        text = '';
        for (let total = 1; text.length < total;) {
          const part = await this.load?.(text.length, SLICE);
          if (part === undefined || part.text === '' || owner !== this.owner) return;
          ({ total } = part);
          text += part.text;
        }
      }
      const formatted = prettyValue(text, form);
      this.failure = formatted === undefined ? NO_FORM[form] : '';
      this.formatted = formatted;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    }
  }

  #button(text: string): TemplateResult {
    return html`<button type="button" class="link" @click=${() => void this.#more()}>
        ${text}
      </button>
      ${this.failure === '' ? nothing : html`<span role="alert">${this.failure}</span>`}`;
  }

  #loaded(): number {
    return this.slices.reduce((sum, slice) => sum + slice.length, 0);
  }

  async #more(): Promise<void> {
    if (this.#loading || this.load === undefined) return;
    this.#loading = true;
    const { owner } = this;
    try {
      const { text, total } = await this.load(this.#loaded(), SLICE);
      if (owner !== this.owner) return;
      this.total = total;
      this.slices = [...this.slices, text];
      this.failure = '';
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
    } finally {
      this.#loading = false;
    }
  }

  static override styles = [
    dataStyles,
    linkStyles,
    css`
      :host {
        display: block;
        overflow-wrap: anywhere;
      }
      bdi {
        white-space: pre-wrap;
      }
      .whole {
        border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
        max-height: 40vh;
        overflow: auto;
        padding: 4px 6px;
      }
      .whole:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
      }
      .link {
        padding: 0 2px;
      }
      .link:hover {
        color: var(--vscode-textLink-activeForeground);
        text-decoration: underline;
      }
      .link:focus-visible {
        outline: 1px solid var(--vscode-focusBorder);
      }
    `,
  ];
}
