import { css } from 'lit';

/** The filter box, what is wrong in it, and what it offers. */
export const filterBoxStyles = css`
  :host {
    display: inline-flex;
    /* What was typed stays in sight; where there is no room the toolbar gets a second line. */
    flex: 1 1 220px;
    margin-left: 4px;
    max-width: 640px;
    min-width: 180px;
  }
  .box {
    align-items: center;
    background: var(--vscode-settings-textInputBackground, var(--vscode-input-background));
    border: 1px solid
      var(
        --vscode-settings-textInputBorder,
        var(--vscode-input-border, var(--vscode-widget-border, transparent))
      );
    border-radius: 4px;
    box-sizing: border-box;
    color: var(--vscode-settings-textInputForeground, var(--vscode-input-foreground));
    display: flex;
    flex: 1;
    min-width: 0;
    position: relative;
  }
  .on {
    border-color: var(--vscode-inputOption-activeBorder, var(--vscode-contrastActiveBorder));
  }
  .box:focus-within {
    border-color: var(--vscode-focusBorder);
  }
  .box:has([aria-invalid='true']) {
    border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
  }
  .codicon {
    font: normal 14px/1 codicon;
  }
  .funnel {
    padding: 0 4px 0 6px;
  }
  .funnel::before {
    content: '\\eaf1';
  }
  .field {
    flex: 1;
    min-width: 0;
    position: relative;
  }
  input,
  .mirror {
    border: 0;
    box-sizing: border-box;
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
    height: 24px;
    line-height: 24px;
    margin: 0;
    padding: 0 2px;
  }
  .expression :is(input, .mirror) {
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
    font-variant-ligatures: none;
  }
  input {
    background: transparent;
    color: inherit;
    display: block;
    outline: none;
    position: relative;
    width: 100%;
  }
  input::placeholder {
    color: var(--vscode-input-placeholderForeground);
    opacity: 1;
  }
  .mirror {
    color: transparent;
    forced-color-adjust: none;
    inset: 0;
    overflow: hidden;
    pointer-events: none;
    position: absolute;
    white-space: pre;
  }
  .wrong {
    text-decoration: underline wavy var(--vscode-editorError-foreground, red) 1px;
    text-decoration-skip-ink: none;
    text-underline-offset: 3px;
  }
  .doubtful {
    text-decoration: underline dotted var(--vscode-editorWarning-foreground, orange) 2px;
    text-decoration-skip-ink: none;
    text-underline-offset: 3px;
  }
  .problem,
  .hint,
  .offer {
    background: var(--vscode-editorWidget-background);
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border));
    border-radius: 4px;
    box-shadow: 0 2px 8px var(--vscode-widget-shadow, transparent);
    box-sizing: border-box;
    color: var(--vscode-editorWidget-foreground, var(--vscode-editor-foreground));
    left: -1px;
    margin: 0;
    position: absolute;
    top: calc(100% + 3px);
    z-index: 10;
  }
  .problem,
  .hint {
    max-width: min(70ch, 90vw);
    overflow-wrap: anywhere;
    padding: 5px 8px;
    width: max-content;
  }
  .problem {
    background: var(
      --vscode-inputValidation-errorBackground,
      var(--vscode-editorWidget-background)
    );
    border-color: var(--vscode-inputValidation-errorBorder, var(--vscode-errorForeground));
    color: var(--vscode-inputValidation-errorForeground, var(--vscode-foreground));
  }
  [hidden] {
    display: none;
  }
  .offer {
    max-height: min(46vh, 320px);
    min-width: 100%;
    max-width: min(90vw, 720px);
    overflow: hidden auto;
    padding: 3px 0;
    width: max-content;
  }
  .line {
    align-items: baseline;
    cursor: pointer;
    display: flex;
    gap: 6px;
    line-height: 22px;
    padding: 0 10px 0 6px;
  }
  .line:hover {
    background: var(--vscode-list-hoverBackground);
  }
  .line.active {
    background: var(
      --vscode-quickInputList-focusBackground,
      var(--vscode-list-activeSelectionBackground)
    );
    color: var(
      --vscode-quickInputList-focusForeground,
      var(--vscode-list-activeSelectionForeground)
    );
    outline: 1px solid var(--vscode-contrastActiveBorder, transparent);
    outline-offset: -1px;
  }
  @media (forced-colors: active) {
    .line.active {
      outline: 2px solid Highlight;
    }
  }
  .label {
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: pre;
  }
  .detail {
    color: var(--vscode-descriptionForeground);
    margin-left: auto;
    max-width: 44ch;
    overflow: hidden;
    padding-left: 16px;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .line.active .detail {
    color: inherit;
  }
  .sign {
    flex: none;
    position: relative;
    top: 2px;
    width: 16px;
  }
  .sign-field::before,
  .sign-column::before {
    content: '\\eb5f';
  }
  .sign-table::before,
  .sign-schema::before {
    content: '\\ebb7';
  }
  .sign-value::before {
    content: '\\ea95';
  }
  .sign-function::before {
    content: '\\ea8c';
  }
  .sign-operator::before {
    content: '\\eb64';
  }
  .sign-recent::before {
    content: '\\ea82';
  }
  .sign-named::before {
    content: '\\ea6a';
  }
`;
