import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { visibleText } from '../../src/base/visibleText';
import type { MarkFacts } from '../../src/shared/marks';
import { MARK_NAME_LIMIT } from '../../src/shared/marks';
import { dataStyles } from '../dataStyles';
import { formatCount } from '../formats';
import { linkStyles } from '../linkStyles';
import './markComparison';
import { canMark } from './marksModel';
import { marksPaneStyles } from './marksPaneStyles';
import type { TimelineModel } from './timelineModel';

/** The id of this pane (panes.ts). */
export const MARKS_PANE = 'marks';

/** All marks of the capture: one of them is shown, copied, renamed, or compared with another. */
@customElement('wal-marks-pane')
export class MarksPane extends LitElement {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;
  /** The mark whose name is being written; 0 for none. */
  @state() private renaming = 0;
  @state() private first = 0;
  @state() private second = 0;

  @query('input') private readonly nameField!: HTMLInputElement | null;

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    const { list, open, busy } = model.marks;
    const may = canMark(model.snapshot?.session);
    return html`<div class="head">
        <vscode-button
          id="marks-toggle"
          ?disabled=${!may || busy}
          @click=${() => void model.marks.toggle()}
          >${open !== undefined && may ? 'Stop Mark' : 'Start Mark'}</vscode-button
        >
        <span class="dim"
          >${
            may
              ? 'Start, do something in your application, stop: the list shows what it wrote. (M in the list)'
              : 'Marks are set while a tail or a consume runs.'
          }</span
        >
      </div>
      ${list.length === 0 ? html`<p class="dim">This capture has no marks.</p>` : this.#table(model, may)}
      ${list.length < 2 ? nothing : this.#compare(model)}`;
  }

  #table(model: TimelineModel, may: boolean): TemplateResult {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">Mark</th>
          <th scope="col">Started</th>
          <th scope="col">From LSN</th>
          <th scope="col">To LSN</th>
          <th scope="col" class="number">Transactions</th>
          <th scope="col" class="number">Changes</th>
          <th scope="col"><span class="sr">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${model.marks.list.map(mark => this.#row(model, mark, may))}
      </tbody>
    </table>`;
  }

  #row(model: TimelineModel, mark: MarkFacts, may: boolean): TemplateResult {
    const { id, from, to, transactions, changes } = mark;
    const isShown = model.marks.shown?.id === id;
    return html`<tr class=${isShown ? 'shown' : ''} aria-current=${isShown ? 'true' : nothing}>
      <th scope="row">
        ${this.renaming === id ? this.#field(model, mark) : this.#name(model, mark)}
      </th>
      <td class="data">${from.time.replace('T', ' ').replace(/(\.\d{3})\d*Z$/, '$1')}</td>
      <td class="data">${from.lsn}</td>
      <td class="data">${to?.lsn ?? html`<span class="dim">not stopped</span>`}</td>
      <td class="number data">${formatCount(transactions)}</td>
      <td class="number data">${formatCount(changes)}</td>
      <td class="actions">
        ${this.#action('copy', 'copy', mark, 'Copy summary of', () => void model.marks.copy(id))}
        ${
          may
            ? html`${this.#action('rename', 'edit', mark, 'Rename', () => void this.#rename(id))}
              ${this.#action('remove', 'close', mark, 'Forget', () => void model.marks.remove(id))}`
            : nothing
        }
      </td>
    </tr>`;
  }

  #name(model: TimelineModel, mark: MarkFacts): TemplateResult {
    return html`<button
      type="button"
      class="link"
      id="mark-${mark.id}"
      title="Show what was written within this mark"
      @click=${() => {
        model.marks.show(mark);
      }}
    >
      <bdi>${visibleText(mark.name)}</bdi>
    </button>`;
  }

  #action(
    name: string,
    icon: string,
    mark: MarkFacts,
    verb: string,
    act: () => void,
  ): TemplateResult {
    const label = `${verb} ${visibleText(mark.name)}`;
    return html`<vscode-toolbar-button
      id="mark-${name}-${mark.id}"
      icon=${icon}
      label=${label}
      title=${label}
      @click=${act}
    ></vscode-toolbar-button>`;
  }

  #field(model: TimelineModel, { id, name }: MarkFacts): TemplateResult {
    const close = (): void => {
      this.renaming = 0;
    };
    return html`<input
      aria-label="Name of the mark"
      maxlength=${MARK_NAME_LIMIT}
      .value=${name}
      @blur=${close}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === 'Escape') close();
        else if (event.key === 'Enter' && event.target instanceof HTMLInputElement) {
          void model.marks.rename(id, event.target.value);
          close();
        } else return;
        // Escape means the field here, not the pane.
        event.stopPropagation();
      }}
    />`;
  }

  async #rename(id: number): Promise<void> {
    this.renaming = id;
    await this.updateComplete;
    this.nameField?.select();
  }

  #compare(model: TimelineModel): TemplateResult {
    const { list, comparison } = model.marks;
    const stopped = list.filter(({ to }) => to !== undefined);
    const known = (id: number, fallback: MarkFacts | undefined): number =>
      stopped.some(mark => mark.id === id) ? id : (fallback?.id ?? 0);
    const first = known(this.first, stopped.at(-2));
    const second = known(this.second, stopped.at(-1));
    const choice = (chosen: number, label: string, set: (id: number) => void): TemplateResult =>
      html`<select
        aria-label=${label}
        @change=${({ target }: Event) => {
          if (target instanceof HTMLSelectElement) set(Number(target.value));
        }}
      >
        ${stopped.map(
          ({ id, name }) =>
            html`<option value=${id} ?selected=${id === chosen}>${visibleText(name)}</option>`,
        )}
      </select>`;
    return html`<div class="head compare">
        <span>Compare</span> ${choice(first, 'First mark', id => (this.first = id))}
        <span>with</span> ${choice(second, 'Second mark', id => (this.second = id))}
        <vscode-button
          id="marks-compare"
          secondary
          ?disabled=${stopped.length < 2}
          @click=${() => void model.marks.compare(first, second)}
          >Compare</vscode-button
        >
      </div>
      ${
        comparison === undefined
          ? nothing
          : html`<wal-mark-comparison .comparison=${comparison}></wal-mark-comparison>`
      }`;
  }

  static override styles = [dataStyles, linkStyles, marksPaneStyles];
}
