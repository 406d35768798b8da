import { css } from 'lit';

/** Forms and lists in a popover of the toolbar. */
export const filterMenuStyles = css`
  .popover {
    left: auto;
    max-height: min(70vh, 480px);
    overflow-y: auto;
    right: 0;
    width: min(380px, calc(100vw - 8px));
  }
  h2 {
    font-size: inherit;
    font-weight: 600;
    margin: 8px 4px 2px;
  }
  h2:first-child {
    margin-top: 0;
  }
  p {
    margin: 2px 4px 6px;
  }
  .entry {
    align-items: center;
    display: flex;
    gap: 2px;
  }
  .dim {
    color: var(--vscode-descriptionForeground);
    font-size: 0.9em;
    white-space: nowrap;
  }
  .pick {
    background: none;
    border: 0;
    border-radius: 3px;
    color: inherit;
    cursor: pointer;
    display: block;
    flex: 1;
    font: inherit;
    min-width: 0;
    overflow: hidden;
    padding: 3px 6px;
    text-align: left;
    text-overflow: ellipsis;
    white-space: nowrap;
    width: 100%;
  }
  .pick:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .pick:focus-visible,
  .save button:focus-visible,
  .save input:focus-visible,
  .save select:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .code {
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
  }
  .save {
    align-items: center;
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
    padding: 2px 4px;
  }
  .save input[type='text'],
  .save select {
    background: var(--vscode-settings-textInputBackground, var(--vscode-input-background));
    border: 1px solid
      var(
        --vscode-settings-textInputBorder,
        var(--vscode-input-border, var(--vscode-widget-border, transparent))
      );
    border-radius: 4px;
    box-sizing: border-box;
    color: var(--vscode-settings-textInputForeground, var(--vscode-input-foreground));
    flex: 1;
    font: inherit;
    height: 26px;
    min-width: 12ch;
    padding: 0 6px;
  }
  .save input::placeholder {
    color: var(--vscode-input-placeholderForeground);
    opacity: 1;
  }
  .save button {
    background: var(--vscode-button-background);
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-button-border, transparent));
    border-radius: 4px;
    color: var(--vscode-button-foreground);
    cursor: pointer;
    font: inherit;
    height: 26px;
    padding: 0 10px;
  }
  .save button:hover {
    background: var(--vscode-button-hoverBackground);
  }
`;
