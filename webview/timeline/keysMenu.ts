import { css, html } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { Popover } from '../popover';

/** All keys of the timeline, by what they are about. */
const KEYS: readonly {
  readonly title: string;
  readonly keys: readonly (readonly [keys: string, does: string])[];
}[] = [
  {
    title: 'List',
    keys: [
      ['↑ ↓ PageUp PageDown Home End', 'move; with Shift, select on the way'],
      ['→ ←', 'open and close a transaction'],
      ['Enter', 'the same; on a change, go on to the detail'],
      ['Ctrl+A, Ctrl+Space, Escape', 'select all, one more, only this one'],
      ['Ctrl+C', 'copy the selected rows'],
      ['Shift+F10', 'the menu of the row'],
    ],
  },
  {
    title: 'Find the way',
    keys: [
      ['Ctrl+F, F3, Shift+F3', 'find, next, previous'],
      ['Ctrl+G', 'go to an LSN, a time or a transaction'],
      ['Alt+↑ Alt+↓ Alt+Home Alt+End', 'changes of the same row'],
      ['B, N, Shift+N', 'bookmark, next, previous'],
      ['M', 'start a mark and stop it, while a stream runs'],
    ],
  },
  {
    title: 'Filter',
    keys: [
      ['/', 'go to the filter'],
      ['Alt+E', 'text or expression'],
      ['Ctrl+Space', 'what may stand here'],
      ['↑ in an empty filter', 'saved and recent filters'],
      ['Enter, Escape', 'filter at once, clear'],
    ],
  },
];

/** The button that opens the list of keys. */
@customElement('wal-keys-menu')
export class KeysMenu extends Popover {
  @query('.popover') private readonly list!: HTMLElement | null;

  protected override firstFocus(): HTMLElement | null {
    return this.list;
  }

  protected override render(): TemplateResult {
    const opener = {
      id: 'keys',
      icon: 'question',
      label: 'Keys',
      title: 'Keys (?)',
      popup: 'dialog',
    } as const;
    return this.withButton(
      opener,
      () =>
        html`<div
          class="popover"
          role="dialog"
          aria-label="Keys"
          tabindex="-1"
          @keydown=${this.onPopoverKey}
          @focusout=${this.onFocusOut}
        >
          ${KEYS.map(
            ({ title, keys }) =>
              html`<h2>${title}</h2>
                <dl>
                  ${keys.map(
                    ([key, does]) =>
                      html`<dt>${key}</dt>
                        <dd>${does}</dd>`,
                  )}
                </dl>`,
          )}
        </div>`,
    );
  }

  static override styles = [
    Popover.styles,
    css`
      .popover {
        left: auto;
        max-height: min(80vh, 560px);
        outline: none;
        overflow-y: auto;
        right: 0;
        width: min(470px, calc(100vw - 8px));
      }
      h2 {
        font-size: inherit;
        margin: 8px 4px 4px;
      }
      h2:first-child {
        margin-top: 0;
      }
      dl {
        display: grid;
        gap: 3px 12px;
        grid-template-columns: auto 1fr;
        margin: 0 4px;
      }
      dt {
        font-family: var(--vscode-editor-font-family);
        font-size: var(--vscode-editor-font-size, 12px);
      }
      dd {
        margin: 0;
      }
    `,
  ];
}
