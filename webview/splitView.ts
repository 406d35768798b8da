import { LitElement, css, html } from 'lit';
import type { PropertyValues, TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';

/** The user moved the divider; `size` is the share of the start pane, 0 to 1. */
export type SplitEvent = CustomEvent<{ readonly size: number }>;

const SMALLEST = 0.15;
const STEP = 0.02;

/**
 * Two panes with a divider that moves by pointer and by keyboard. (The one of vscode-elements cannot
 * be reached by keyboard.)
 */
@customElement('wal-split-view')
export class SplitView extends LitElement {
  /** The second pane stands beside the first instead of below it. */
  @property({ attribute: false }) beside = false;
  /** Share of the first pane, 0 to 1. */
  @property({ attribute: false }) size = 0.6;
  /** Without a second pane the first has it all. */
  @property({ attribute: false }) open = false;

  @query('.start') private readonly start!: HTMLElement | null;

  protected override updated(_changed: PropertyValues): void {
    if (this.start === null) return;
    this.start.style.flex = this.open ? `0 0 ${String(this.size * 100)}%` : '1 1 auto';
  }

  protected override render(): TemplateResult {
    return html`<div class="split ${this.beside ? 'beside' : 'below'}">
      <div class="start"><slot name="start"></slot></div>
      <div
        class="divider"
        role="separator"
        tabindex="0"
        aria-label="Size of the detail"
        aria-orientation=${this.beside ? 'vertical' : 'horizontal'}
        aria-valuemin=${SMALLEST * 100}
        aria-valuemax=${(1 - SMALLEST) * 100}
        aria-valuenow=${Math.round(this.size * 100)}
        ?hidden=${!this.open}
        @keydown=${this.#key}
        @pointerdown=${this.#down}
        @pointermove=${this.#move}
        @pointerup=${this.#up}
      ></div>
      <div class="end" ?hidden=${!this.open}><slot name="end"></slot></div>
    </div>`;
  }

  #key(event: KeyboardEvent): void {
    const [less, more] = this.beside ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    if (event.key !== less && event.key !== more) return;
    event.preventDefault();
    this.#resize(this.size + (event.key === more ? STEP : -STEP));
  }

  #down(event: PointerEvent): void {
    if (!(event.currentTarget instanceof HTMLElement) || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  #move(event: PointerEvent): void {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const box = this.getBoundingClientRect();
    this.#resize(
      this.beside ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height,
    );
  }

  #up(event: PointerEvent): void {
    if (!(event.currentTarget instanceof HTMLElement)) return;
    event.currentTarget.releasePointerCapture(event.pointerId);
  }

  #resize(size: number): void {
    this.size = Math.min(1 - SMALLEST, Math.max(SMALLEST, size));
    this.dispatchEvent(new CustomEvent('wal-split', { detail: { size: this.size } }));
  }

  static override styles = css`
    :host {
      display: block;
      min-height: 0;
    }
    .split {
      display: flex;
      height: 100%;
    }
    .below {
      flex-direction: column;
    }
    .start,
    .end {
      display: flex;
      flex-direction: column;
      min-height: 0;
      min-width: 0;
      overflow: hidden;
    }
    .end {
      flex: 1;
    }
    [hidden] {
      display: none;
    }
    .divider {
      background: var(
        --vscode-contrastBorder,
        var(--vscode-panel-border, var(--vscode-widget-border))
      );
      flex: none;
      position: relative;
      touch-action: none;
    }
    .divider::after {
      content: '';
      inset: -3px;
      position: absolute;
      transition: background 0.1s 0.2s;
      z-index: 2;
    }
    .below > .divider {
      cursor: ns-resize;
      height: 1px;
    }
    .beside > .divider {
      cursor: ew-resize;
      width: 1px;
    }
    .below > .divider::after {
      inset: -2px 0;
    }
    .beside > .divider::after {
      inset: 0 -2px;
    }
    .divider:hover::after,
    .divider:active::after {
      background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
    }
    .divider:focus-visible {
      outline: none;
    }
    .divider:focus-visible::after {
      background: var(--vscode-focusBorder);
    }
    @media (prefers-reduced-motion: reduce) {
      .divider::after {
        transition: none;
      }
    }
  `;
}
