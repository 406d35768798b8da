import { css } from 'lit';

/** The rows of the timeline's list. */
export const timelineGridStyles = css`
  :host {
    color: var(--vscode-editor-foreground);
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
    font-variant-ligatures: none;
    font-variant-numeric: tabular-nums;
  }
  .row {
    border-bottom: 1px solid transparent;
    display: grid;
    grid-template-columns: var(--wal-columns);
    /* Known, so that no cell has to be measured for it. */
    grid-template-rows: var(--wal-row-height);
  }
  .header {
    background: var(--vscode-keybindingTable-headerBackground, transparent);
    border-bottom-color: var(
      --vscode-contrastBorder,
      var(--vscode-panel-border, var(--vscode-widget-border))
    );
    user-select: none;
  }
  .header .c {
    position: relative;
  }
  .edge {
    bottom: 0;
    cursor: col-resize;
    position: absolute;
    right: 0;
    top: 0;
    touch-action: none;
    width: 7px;
  }
  .edge::after {
    background: var(--vscode-panel-border, var(--vscode-widget-border));
    bottom: 4px;
    content: '';
    position: absolute;
    right: 0;
    top: 4px;
    width: 1px;
  }
  .edge:hover::after,
  .edge:active::after {
    background: var(--vscode-sash-hoverBorder, var(--vscode-focusBorder));
    bottom: 0;
    top: 0;
    width: 2px;
  }
  :host(:not([sized])) .fits {
    overflow: visible;
  }
  .seq,
  .xid,
  .size {
    text-align: right;
  }
  .seq {
    display: flex;
    justify-content: flex-end;
    padding-left: 0;
  }
  .seq,
  .lsn,
  .time,
  .xid,
  .size {
    color: var(--vscode-descriptionForeground);
  }
  .op {
    padding: 0;
    text-align: center;
  }
  .header .op {
    font-weight: inherit;
  }
  .line {
    grid-column: var(--wal-line);
  }
  .rest {
    grid-column: var(--wal-note);
  }
  .count {
    font-weight: 600;
  }
  .nested .op,
  .change.nested .seq {
    position: relative;
  }
  .nested .seq::before {
    border-left: 1px solid var(--vscode-tree-indentGuidesStroke, currentColor);
    bottom: 0;
    content: '';
    left: 10px;
    opacity: 0.6;
    position: absolute;
    top: 0;
  }
  .twistie {
    margin-right: auto;
    padding: 0 2px;
  }
  .fate-aborted :is(.table, .key, .what) {
    text-decoration: line-through;
  }
  .lasted {
    color: var(--vscode-descriptionForeground);
    text-align: right;
  }
  .tally {
    margin-left: 1ch;
  }
  .tally .op {
    margin-right: 0.4ch;
    padding: 0;
  }
  .bookmark {
    color: var(--vscode-charts-blue, var(--vscode-focusBorder));
    flex: none;
    font-size: 14px;
    line-height: inherit;
    margin-left: 5px;
    margin-right: auto;
  }
  .bookmark::before {
    content: '\\eaa5';
  }
  .twistie:has(+ .bookmark) {
    margin-right: 0;
  }
  .twistie + .bookmark {
    margin-left: -2px;
  }
  .stripe {
    background: var(--rule-color);
    bottom: 0;
    forced-color-adjust: none;
    left: 0;
    position: absolute;
    top: 0;
    width: 4px;
  }
  .rule {
    background: color-mix(in srgb, var(--rule-color) 12%, transparent);
  }
  /* Dimmed text would be too faint on it. */
  .rule :is(.c, .dim, .null, .nothing, .unchanged, .masked, .word) {
    color: var(--vscode-editor-foreground);
  }
  .rule > .seq {
    position: relative;
  }
  .rule-red {
    --rule-color: var(--vscode-charts-red);
  }
  .rule-orange {
    --rule-color: var(--vscode-charts-orange);
  }
  .rule-yellow {
    --rule-color: var(--vscode-charts-yellow);
  }
  .rule-green {
    --rule-color: var(--vscode-charts-green);
  }
  .rule-blue {
    --rule-color: var(--vscode-charts-blue);
  }
  .rule-purple {
    --rule-color: var(--vscode-charts-purple);
  }
  .note .codicon {
    color: var(--vscode-editorWarning-foreground);
    font-size: 14px;
    margin-right: 6px;
    vertical-align: middle;
  }
  /* Something is missing here, which no other row says. */
  .note-gap {
    box-shadow:
      inset 0 1px var(--vscode-editorWarning-foreground),
      inset 0 -1px var(--vscode-editorWarning-foreground);
  }
  .note-error .codicon {
    color: var(--vscode-errorForeground);
  }
  .warn::before {
    content: '\\ea6c';
  }
  .gap::before {
    content: '\\ead0';
  }
  .seam::before {
    content: '\\eacf';
  }
  .note-seam .codicon {
    color: var(--vscode-descriptionForeground);
  }
  .bone {
    background: var(--vscode-descriptionForeground);
    border-radius: 3px;
    display: inline-block;
    height: 8px;
    opacity: 0.18;
    width: min(100%, 9ch);
  }
  .loading .what .bone {
    width: min(100%, 28ch);
  }
  .loading .op .bone {
    width: 1ch;
  }
`;
