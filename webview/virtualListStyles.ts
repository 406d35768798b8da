import { css } from 'lit';

/** The frame, rows and scrollbar of every {@link import('./virtualList').VirtualList}. */
export const virtualListStyles = css`
  :host {
    display: block;
    min-height: 0;
    min-width: 0;
    --wal-row-height: 22px;
  }
  .frame {
    display: flex;
    height: 100%;
    position: relative;
  }
  .list {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-width: 0;
    overflow-x: auto;
    overflow-y: hidden;
    outline-offset: -1px;
    touch-action: pan-x;
    user-select: none;
  }
  .list:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
  }
  .head,
  .viewport {
    min-width: var(--wal-min-width, 0);
  }
  .viewport {
    flex: 1;
    min-height: 0;
    overflow: clip;
    position: relative;
  }
  .rows {
    will-change: transform;
  }
  .row {
    box-sizing: border-box;
    /* Nothing in a row makes the page look at another one again. */
    contain: strict;
    height: var(--wal-row-height);
    line-height: var(--wal-row-height);
    white-space: nowrap;
  }
  .row.parked {
    left: 0;
    pointer-events: none;
    position: absolute;
    right: 0;
    top: -10000px;
  }
  .viewport .row:hover {
    background: var(--vscode-list-hoverBackground);
    color: var(--vscode-list-hoverForeground, inherit);
  }
  .viewport .row.selected {
    background: var(--vscode-list-inactiveSelectionBackground);
    color: var(--vscode-list-inactiveSelectionForeground, inherit);
    outline: 1px dotted var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .list:focus .row.selected {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground, inherit);
  }
  .list:focus .row.active {
    outline: 1px solid var(--vscode-list-focusOutline, var(--vscode-focusBorder));
    outline-offset: -1px;
  }
  .scrollbar {
    flex: none;
    position: relative;
    touch-action: none;
    width: 14px;
    border-left: 1px solid var(--vscode-editorOverviewRuler-border, transparent);
  }
  .thumb {
    background: var(--vscode-scrollbarSlider-background);
    border: 1px solid var(--vscode-contrastBorder, transparent);
    box-sizing: border-box;
    width: 100%;
  }
  .thumb:hover {
    background: var(--vscode-scrollbarSlider-hoverBackground);
  }
  .held .thumb {
    background: var(--vscode-scrollbarSlider-activeBackground);
  }
  .thumb[hidden] {
    display: none;
  }
  @media (forced-colors: active) {
    .thumb {
      background: ButtonText;
    }
    .viewport .row.selected,
    .list:focus .row.selected {
      background: Highlight;
      color: HighlightText;
      forced-color-adjust: none;
    }
    .viewport .row.selected * {
      color: inherit;
    }
  }
`;
