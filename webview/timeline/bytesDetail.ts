import { LitElement, css, html, nothing } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Field } from '../../src/base/fieldReader';
import type { MessageBytes } from '../../src/shared/changeDetail';
import { BYTES_LIMIT } from '../../src/shared/changeDetail';
import type { TimelineApi } from '../../src/shared/timelineApi';
import '../splitView';
import { dataText } from './cellValue';
import './fieldTree';
import type { FieldEvent } from './fieldTree';
import './hexView';
import type { ByteEvent } from './hexView';
import type { TimelinePeer } from './timelineModel';

/** Slices of one message that are kept; the oldest go first. */
const KEPT_SLICES = 16;

/** Narrower than this, in CSS pixels, fields and bytes stand below each other. */
const LEAST_BESIDE = 480;

/** Where fields and bytes come from, by a number: that of a message, or of another frame. */
export interface BytesSource {
  fields(seq: number): ReturnType<TimelineApi['fields']>;
  bytes(seq: number, offset: number, length: number): Promise<MessageBytes>;
}

/** A message byte by byte: its fields beside its bytes; choosing on one side marks the other. */
@customElement('wal-bytes-detail')
export class BytesDetail extends LitElement {
  @property({ attribute: false }) peer: TimelinePeer | undefined;
  /** Absent: the messages of the capture. */
  @property({ attribute: false }) source: BytesSource | undefined;
  @property({ attribute: false }) seq = -1;

  @state() private fields: readonly Field[] = [];
  @state() private error = '';
  @state() private masked = false;
  @state() private total = 0;
  @state() private mark = { offset: 0, length: 0 };
  @state() private chosenByte = -1;
  @state() private arrived = 0;
  /** Share of the fields; undefined until the user chose one. */
  @state() private split: number | undefined;

  #slices = new Map<number, Uint8Array>();
  #asked = new Set<number>();

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('seq') && this.seq >= 0) void this.#start(this.seq);
  }

  protected override render(): TemplateResult {
    return html`${
        this.error === ''
          ? nothing
          : html`<p class="error" role="alert">${dataText(this.error)}</p>`
      }${
        this.masked
          ? html`<p class="note">
              Not as the server sent it: a placeholder stands for each masked value.
            </p>`
          : nothing
      }
      <wal-split-view
        .beside=${this.#isWide()}
        .open=${true}
        .size=${this.split ?? this.#shareOfFields()}
        @wal-split=${(event: CustomEvent<{ size: number }>) => {
          this.split = event.detail.size;
        }}
      >
        <wal-field-tree
          slot="start"
          .label=${'Fields of the message'}
          .fields=${this.fields}
          .chosenByte=${this.chosenByte}
          @wal-field=${(event: FieldEvent) => {
            this.mark = event.detail;
            this.chosenByte = -1;
          }}
        ></wal-field-tree>
        <wal-hex-view
          slot="end"
          .label=${'Bytes of the message'}
          .total=${this.total}
          .byteAt=${this.#byteAt}
          .mark=${this.mark}
          .revision=${this.arrived}
          @wal-byte=${(event: ByteEvent) => {
            this.#chooseByte(event.detail.offset);
          }}
        ></wal-hex-view>
      </wal-split-view>`;
  }

  /** Side by side, where there is room for it: below each other both can be read. */
  #isWide(): boolean {
    const { width } = this.getBoundingClientRect();
    return width <= 0 || width >= LEAST_BESIDE;
  }

  /** The bytes get the width that they need, and no more: the meaning of the fields takes the rest. */
  #shareOfFields(): number {
    const { width } = this.getBoundingClientRect();
    const font = getComputedStyle(this).getPropertyValue('--vscode-editor-font-size');
    // 77 characters of a fixed width, about 0.6 of its size each, and the scrollbar.
    const bytes = 77 * 0.61 * (Number.parseFloat(font) || 12) + 24;
    return width <= 0 ? 0.45 : Math.min(0.62, Math.max(0.4, 1 - bytes / width));
  }

  #chooseByte(offset: number): void {
    this.chosenByte = offset;
    this.mark = innermost(this.fields, offset) ?? { offset, length: 1 };
  }

  readonly #byteAt = (offset: number): number | undefined => {
    const start = Math.floor(offset / BYTES_LIMIT) * BYTES_LIMIT;
    const slice = this.#slices.get(start);
    if (slice === undefined) void this.#load(this.seq, start);
    return slice?.[offset - start];
  };

  async #start(seq: number): Promise<void> {
    this.#slices = new Map();
    this.#asked = new Set();
    this.mark = { offset: 0, length: 0 };
    this.chosenByte = -1;
    this.error = '';
    this.fields = [];
    this.masked = false;
    try {
      const [tree] = await Promise.all([this.#readFields(seq), this.#load(seq, 0)]);
      if (seq !== this.seq || tree === undefined) return;
      this.fields = tree.fields;
      this.error = tree.error;
      this.masked = tree.masked === true;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
  }

  async #readFields(seq: number): Promise<Awaited<ReturnType<TimelineApi['fields']>> | undefined> {
    return this.source === undefined ? this.peer?.call('fields', { seq }) : this.source.fields(seq);
  }

  async #load(seq: number, offset: number): Promise<void> {
    if (this.#asked.has(offset)) return;
    this.#asked.add(offset);
    try {
      const page =
        this.source === undefined
          ? await this.peer?.call('bytes', { seq, offset, length: BYTES_LIMIT })
          : await this.source.bytes(seq, offset, BYTES_LIMIT);
      if (seq !== this.seq || page === undefined) return;
      this.#slices.set(offset, page.bytes);
      this.#forgetOldest();
      this.total = page.total;
      this.arrived++;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
    }
  }

  #forgetOldest(): void {
    const [oldest] = this.#slices.keys();
    if (oldest === undefined || this.#slices.size <= KEPT_SLICES) return;
    this.#slices.delete(oldest);
    this.#asked.delete(oldest);
  }

  static override styles = css`
    :host {
      display: flex;
      flex-direction: column;
      height: 100%;
    }
    wal-split-view,
    wal-field-tree,
    wal-hex-view {
      flex: 1;
    }
    .error {
      color: var(--vscode-errorForeground);
      margin: 6px 12px;
    }
    .note {
      border-left: 3px solid var(--vscode-editorInfo-foreground);
      margin: 6px 12px;
      padding-left: 8px;
    }
  `;
}

function innermost(
  fields: readonly Field[],
  byte: number,
): { readonly offset: number; readonly length: number } | undefined {
  const found = fields.find(f => byte >= f.offset && byte < f.offset + f.length);
  if (found === undefined) return undefined;
  return innermost(found.children, byte) ?? { offset: found.offset, length: found.length };
}
