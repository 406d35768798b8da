import { css } from 'lit';

/** The line above the list. */
export const timelineToolbarStyles = css`
  :host {
    border-bottom: 1px solid
      var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
    display: block;
  }
  .bar {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 2px;
    min-height: 30px;
    padding: 2px 8px;
  }
  [role='group'] {
    display: inline-flex;
    gap: 2px;
  }
  .state {
    align-items: center;
    display: inline-flex;
    margin-right: 6px;
    min-width: 15ch;
    white-space: pre;
  }
  .rate {
    color: var(--vscode-descriptionForeground);
    font-variant-numeric: tabular-nums;
  }
  .dot {
    border-radius: 50%;
    box-sizing: border-box;
    flex: none;
    height: 8px;
    margin-right: 7px;
    width: 8px;
    background: var(--vscode-descriptionForeground);
  }
  .dot.live {
    background: var(--vscode-charts-green, var(--vscode-testing-iconPassed));
  }
  .dot.busy {
    background: var(--vscode-charts-yellow, var(--vscode-editorWarning-foreground));
  }
  .dot.failed {
    background: var(--vscode-errorForeground);
    border-radius: 1px;
  }
  .dot.done,
  .dot.paused {
    background: transparent;
    border: 2px solid var(--vscode-descriptionForeground);
  }
  .gap {
    background: var(--vscode-panel-border, var(--vscode-widget-border));
    flex: none;
    height: 16px;
    margin: 0 3px;
    width: 1px;
  }
  .ends {
    align-items: center;
    display: inline-flex;
    gap: 2px;
    margin-left: auto;
  }
  .op {
    font-family: var(--vscode-editor-font-family);
    min-width: 1ch;
    text-align: center;
  }
  wal-table-filter {
    margin-left: 4px;
  }
  @media (forced-colors: active) {
    .dot {
      background: ButtonText;
      forced-color-adjust: none;
    }
  }
`;
