import { html } from 'lit';
import type { TemplateResult } from 'lit';
import { visibleText } from '../../src/base/visibleText';
import type { FilterCompletion } from '../../src/shared/filterApi';
import type { NamedFilter, TypedFilter } from '../../src/shared/listApi';
import type { Offer } from './filterModel';

interface Line {
  /** Class of its sign. */
  readonly sign: string;
  readonly label: string;
  readonly detail: string;
}

/** What the filter box offers, as the list of its combobox. */
export function offerList(
  offer: Offer,
  active: number,
  accept: (index: number) => void,
): TemplateResult {
  const lines =
    offer.of === 'completions' ? offer.items.map(completionLine) : offer.items.map(filterLine);
  const label = offer.of === 'completions' ? 'What may stand here' : 'Saved and recent filters';
  return html`<div id="offer" class="offer" role="listbox" aria-label=${label}>
    ${lines.map(
      (line, index) =>
        html`<div
          id="offer-${index}"
          class="line ${index === active ? 'active' : ''}"
          role="option"
          aria-selected=${index === active ? 'true' : 'false'}
          @mousedown=${(event: MouseEvent) => {
            // The box keeps the focus.
            event.preventDefault();
            accept(index);
          }}
        >
          <span class="sign codicon sign-${line.sign}" aria-hidden="true"></span
          ><span class="label">${visibleText(line.label)}</span
          ><span class="detail">${visibleText(line.detail)}</span>
        </div>`,
    )}
  </div>`;
}

function completionLine({ kind, label, detail }: FilterCompletion): Line {
  return { sign: kind, label, detail };
}

function filterLine(filter: TypedFilter | NamedFilter): Line {
  const kind = filter.kind === 'text' ? 'text' : 'expression';
  if (!('name' in filter)) return { sign: 'recent', label: filter.value, detail: kind };
  return { sign: 'named', label: filter.name, detail: filter.value };
}
