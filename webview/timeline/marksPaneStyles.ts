import { css } from 'lit';

export const marksPaneStyles = css`
  :host {
    display: block;
    padding: 8px 12px 12px;
  }
  .head {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-bottom: 8px;
  }
  .compare {
    margin-top: 12px;
  }
  table {
    border-collapse: collapse;
    width: 100%;
  }
  th,
  td {
    border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-widget-border));
    font-weight: normal;
    overflow-wrap: anywhere;
    padding: 2px 10px 2px 0;
    text-align: left;
    vertical-align: top;
  }
  thead th {
    color: var(--vscode-descriptionForeground);
    white-space: nowrap;
  }
  .number {
    text-align: right;
  }
  .actions {
    text-align: right;
    white-space: nowrap;
  }
  .shown > th,
  .shown > td {
    background: var(--vscode-list-inactiveSelectionBackground);
    color: var(--vscode-list-inactiveSelectionForeground, inherit);
  }
  .shown {
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  .link {
    text-align: left;
  }
  .link:hover {
    text-decoration: underline;
  }
  .link:focus-visible,
  input:focus-visible,
  select:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  input,
  select {
    background: var(--vscode-dropdown-background, var(--vscode-input-background));
    border: 1px solid var(--vscode-dropdown-border, var(--vscode-contrastBorder, transparent));
    color: var(--vscode-dropdown-foreground, var(--vscode-input-foreground));
    font: inherit;
    max-width: 220px;
    padding: 2px 4px;
  }
`;
