import { css } from 'lit';

export const statisticsPaneStyles = css`
  :host {
    display: block;
    height: 100%;
    overflow: auto;
  }
  .bar {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    padding: 4px 12px;
  }
  .bar .total {
    color: var(--vscode-descriptionForeground);
    flex: 1;
    font-variant-numeric: tabular-nums;
    min-width: 20ch;
  }
  .charts {
    display: grid;
    gap: 8px 20px;
    grid-template-columns: repeat(auto-fit, minmax(180px, 1fr));
    padding: 4px 12px 8px;
  }
  figure {
    margin: 0;
    min-width: 0;
  }
  figcaption,
  h3 {
    font-size: inherit;
    font-weight: 600;
    margin: 0;
  }
  svg {
    border-bottom: 1px solid var(--vscode-descriptionForeground);
    color: var(--vscode-charts-blue, var(--vscode-foreground));
    display: block;
    height: 44px;
    margin: 4px 0 2px;
    width: 100%;
  }
  path {
    fill: currentColor;
  }
  figure p {
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
    font-variant-numeric: tabular-nums;
    margin: 0;
  }
  h3 {
    align-items: center;
    display: flex;
    gap: 8px;
    padding: 6px 12px 2px;
  }
  .bar h3 {
    padding: 0;
  }
  .bar [role='group'] {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 2px 10px;
  }
  .scroll {
    overflow-x: auto;
    padding: 0 12px 8px;
  }
  .scroll:focus-visible,
  button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  table {
    border-collapse: collapse;
    font-variant-numeric: tabular-nums;
    min-width: 60%;
  }
  th,
  td {
    padding: 2px 10px 2px 0;
    text-align: right;
    white-space: nowrap;
  }
  th:first-child,
  td:first-child {
    text-align: left;
  }
  thead th {
    border-bottom: 1px solid
      var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
    font-weight: 600;
  }
  tbody tr:hover {
    background: var(--vscode-list-hoverBackground);
  }
  button {
    background: none;
    border: 0;
    color: inherit;
    cursor: pointer;
    font: inherit;
    padding: 1px 2px;
  }
  td button,
  .bar button {
    color: var(--vscode-textLink-foreground);
  }
  td button:hover,
  .bar button:hover {
    text-decoration: underline;
  }
  .bar button[aria-pressed='true'] {
    color: inherit;
    font-weight: 600;
    text-decoration: underline;
  }
  .dim {
    color: var(--vscode-descriptionForeground);
  }
`;
