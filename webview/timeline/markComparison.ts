import { LitElement, css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { formatPlural } from '../../src/base/quantity';
import { visibleText } from '../../src/base/visibleText';
import type { ComparedColumn, ComparedStep, MarkComparison } from '../../src/shared/marks';
import { dataStyles } from '../dataStyles';
import { marksPaneStyles } from './marksPaneStyles';

/** Two marks side by side: which steps both wrote, which only one, and which values are others. */
@customElement('wal-mark-comparison')
export class MarkComparisonView extends LitElement {
  @property({ attribute: false }) comparison: MarkComparison | undefined;

  protected override render(): TemplateResult | typeof nothing {
    const { comparison } = this;
    if (comparison === undefined) return nothing;
    const { a, b, steps, summary, left } = comparison;
    const [one, other] = [visibleText(a.name), visibleText(b.name)];
    return html`<p class="summary" role="status">
        <b>${one}</b> and <b>${other}</b>: ${visibleText(summary)}
        ${
          left === 0
            ? nothing
            : html`<span class="dim">${formatPlural(left, 'more change')} not compared.</span>`
        }
      </p>
      ${
        steps.length === 0
          ? nothing
          : html`<table aria-label="Steps of both marks">
              <thead>
                <tr>
                  <th scope="col"></th>
                  <th scope="col">Step</th>
                  <th scope="col">${one}</th>
                  <th scope="col">${other}</th>
                </tr>
              </thead>
              <tbody>
                ${steps.map(step => this.#step(step, one, other))}
              </tbody>
            </table>`
      }`;
  }

  #step(step: ComparedStep, one: string, other: string): TemplateResult {
    const { kind, what, text, columns, varying } = step;
    const words = {
      same: 'same',
      different: 'different',
      onlyA: `only ${one}`,
      onlyB: `only ${other}`,
    };
    const whole = html`<td class="data"><bdi>${text}</bdi></td>`;
    return html`<tr class=${kind}>
      <td class="word">${words[kind]}</td>
      <td class="data"><bdi>${what}</bdi></td>
      ${
        kind === 'onlyA'
          ? html`${whole}
              <td class="dim">not written</td>`
          : kind === 'onlyB'
            ? html`<td class="dim">not written</td>
                ${whole}`
            : html`<td class="data">${sides(columns, varying, 'a')}</td>
                <td class="data">${sides(columns, varying, 'b')}</td>`
      }
    </tr>`;
  }

  static override styles = [
    dataStyles,
    marksPaneStyles,
    css`
      :host {
        padding: 0;
      }
      .summary {
        margin: 8px 0;
      }
      td.word {
        display: table-cell;
        white-space: nowrap;
      }
      .same > .word {
        color: var(--vscode-descriptionForeground);
      }
      .different > .word {
        color: var(--vscode-gitDecoration-modifiedResourceForeground, var(--vscode-charts-yellow));
      }
      .onlyA > .word {
        color: var(--vscode-gitDecoration-deletedResourceForeground, var(--vscode-charts-red));
      }
      .onlyB > .word {
        color: var(--vscode-gitDecoration-addedResourceForeground, var(--vscode-charts-green));
      }
      td > div {
        overflow-wrap: anywhere;
      }
      /* What was done, in as few lines as can be: the values get the rest. */
      td:nth-child(2) {
        min-width: 22ch;
      }
      bdi {
        white-space: pre-wrap;
      }
    `,
  ];
}

function sides(
  columns: readonly ComparedColumn[],
  varying: readonly ComparedColumn[],
  side: 'a' | 'b',
): TemplateResult {
  const value = (column: ComparedColumn): TemplateResult =>
    html`<bdi>${column.column} ${column[side] === '' ? 'not changed' : column[side]}</bdi>`;
  return html`${columns.map(column => html`<div>${value(column)}</div>`)}${varying.map(
    column => html`<div class="dim" title="Differs each time">${value(column)}</div>`,
  )}`;
}
