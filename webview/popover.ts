import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { LitElement, css, html, nothing } from 'lit';
import type { CSSResultGroup, PropertyValues, TemplateResult } from 'lit';
import { query, state } from 'lit/decorators.js';
import { keepInSight } from './keepInSight';

/** The button of a popover: an icon with what it is called and what it does. */
interface Opener {
  readonly id: string;
  readonly icon: string;
  readonly label: string;
  readonly title: string;
  readonly popup: 'dialog' | 'menu';
}

/**
 * A button that opens something below itself (`.popover`). It closes when the focus goes elsewhere or
 * Escape is pressed; then the button has the focus again.
 */
export abstract class Popover extends LitElement {
  @state() protected open = false;
  @query('vscode-toolbar-button') protected readonly button!: HTMLElement | null;
  @query('.popover') private readonly panel!: HTMLElement | null;

  /** What gets the focus when it opens. */
  protected abstract firstFocus(): HTMLElement | null | undefined;

  /** The button, and what it opens while that is open. */
  protected withButton(opener: Opener, panel: () => TemplateResult): TemplateResult {
    return html`<vscode-toolbar-button
        id=${opener.id}
        icon=${opener.icon}
        label=${opener.label}
        title=${opener.title}
        aria-haspopup=${opener.popup}
        @click=${this.flip}
      ></vscode-toolbar-button
      >${this.open ? panel() : nothing}`;
  }

  show(): void {
    this.open = true;
    void this.updateComplete.then(() => this.firstFocus()?.focus());
  }

  hide(): void {
    this.open = false;
    this.button?.shadowRoot?.querySelector('button')?.focus();
  }

  protected readonly flip = (): void => {
    if (this.open) this.open = false;
    else this.show();
  };

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    if (this.panel !== null) keepInSight(this.panel);
  }

  protected readonly onPopoverKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    event.stopPropagation();
    event.preventDefault();
    this.hide();
  };

  /** A click elsewhere closes it; the button itself flips it. */
  protected readonly onFocusOut = (event: FocusEvent): void => {
    const next = event.relatedTarget;
    if (next instanceof Node && this.shadowRoot?.contains(next) === true) return;
    if (next === null) return;
    this.open = false;
  };

  static override styles: CSSResultGroup = css`
    :host {
      display: inline-block;
      position: relative;
    }
    .popover {
      /* Dimmed text would be too faint on a widget. */
      --vscode-foreground: var(--vscode-editor-foreground);
      background: var(--vscode-editorWidget-background);
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border));
      border-radius: 5px;
      box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
      box-sizing: border-box;
      color: var(--vscode-editor-foreground);
      left: 0;
      padding: 8px;
      position: absolute;
      top: calc(100% + 4px);
      width: min(320px, calc(100vw - 8px));
      z-index: 10;
    }
  `;
}
