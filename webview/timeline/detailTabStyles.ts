import { css } from 'lit';

/** What the tabs of the detail with controls of their own have in common. */
export const detailTabStyles = css`
  :host {
    display: block;
    padding: 6px 14px 14px;
  }
  .controls {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 4px 18px;
    margin: 0 0 8px;
  }
  .choices {
    border: 0;
    display: inline-flex;
    flex-wrap: wrap;
    gap: 2px 12px;
    margin: 0;
    padding: 0;
  }
  .choices legend {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    width: 1px;
  }
  label {
    align-items: center;
    cursor: pointer;
    display: inline-flex;
    gap: 4px;
  }
  /* The browser's own do not know VS Code's theme. */
  input {
    appearance: none;
    background: var(--vscode-checkbox-background, transparent);
    border: 1px solid var(--vscode-checkbox-border, var(--vscode-foreground));
    height: 1.15em;
    margin: 0;
    width: 1.15em;
  }
  input[type='radio'] {
    border-radius: 50%;
  }
  input[type='checkbox'] {
    border-radius: 3px;
  }
  input:checked {
    background: var(--vscode-checkbox-foreground, var(--vscode-foreground));
    box-shadow: inset 0 0 0 3px var(--vscode-checkbox-background, var(--vscode-editor-background));
  }
  button {
    background: var(--vscode-button-secondaryBackground, transparent);
    border: 1px solid
      var(
        --vscode-contrastBorder,
        var(--vscode-button-border, var(--vscode-widget-border, transparent))
      );
    border-radius: 2px;
    color: var(--vscode-button-secondaryForeground, var(--vscode-foreground));
    cursor: pointer;
    font: inherit;
    padding: 2px 8px;
  }
  button:hover:not(:disabled) {
    background: var(
      --vscode-button-secondaryHoverBackground,
      var(--vscode-toolbar-hoverBackground)
    );
  }
  button:disabled {
    cursor: default;
    opacity: 0.6;
  }
  :is(button, input, pre, tr):focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  pre {
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
    margin: 0;
    overflow-wrap: anywhere;
    padding: 6px 8px;
    tab-size: 2;
    user-select: text;
    white-space: pre-wrap;
  }
  pre bdi {
    white-space: inherit;
  }
  .remarks {
    border-left: 3px solid var(--vscode-editorInfo-foreground);
    list-style: none;
    margin: 0 0 8px;
    padding: 0 0 0 8px;
  }
  .remarks.incomplete {
    border-left-color: var(--vscode-editorWarning-foreground);
  }
  .remarks li {
    margin: 2px 0;
    overflow-wrap: anywhere;
  }
  .error {
    color: var(--vscode-errorForeground);
  }
  table {
    border-collapse: collapse;
  }
  th,
  td {
    border-bottom: 1px solid color-mix(in srgb, var(--vscode-foreground) 9%, transparent);
    font-weight: normal;
    overflow-wrap: anywhere;
    padding: 3px 18px 3px 0;
    text-align: left;
    vertical-align: top;
  }
  thead th {
    color: var(--vscode-descriptionForeground);
    font-size: 0.92em;
  }
  @media (forced-colors: active) {
    input {
      appearance: auto;
    }
  }
  h2 {
    color: var(--vscode-descriptionForeground);
    font-size: 1em;
    font-weight: 600;
    margin: 14px 0 4px;
  }
  .keyMark {
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, currentColor));
    border-radius: 3px;
    font-size: 0.85em;
    padding: 0 4px;
  }
`;
