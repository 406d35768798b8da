import { css } from 'lit';

/** What there is to know of a row. */
export const detailPaneStyles = css`
  :host {
    background: var(--vscode-editor-background);
    display: block;
    flex: 1;
    min-height: 0;
  }
  vscode-tabs {
    --vscode-panel-background: var(--vscode-editor-background);
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  vscode-tab-panel {
    flex: 1;
    min-height: 0;
    overflow: auto;
  }
  vscode-tab-panel[hidden] {
    display: none;
  }
  .addons {
    display: inline-flex;
    gap: 2px;
  }
  .pad,
  .detail {
    margin: 0;
    padding: 6px 14px 14px;
  }
  .error {
    color: var(--vscode-errorForeground);
  }
  .heading {
    align-items: baseline;
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin: 2px 0 8px;
  }
  h2 {
    color: var(--vscode-descriptionForeground);
    font-size: 1em;
    font-weight: 600;
    margin: 14px 0 4px;
  }
  .columns {
    border-collapse: collapse;
    min-width: min(100%, 640px);
  }
  .columns th,
  .columns td {
    border-bottom: 1px solid color-mix(in srgb, var(--vscode-foreground) 9%, transparent);
    font-weight: normal;
    max-width: 48ch;
    padding: 3px 18px 3px 0;
    text-align: left;
    vertical-align: top;
  }
  .columns thead th {
    color: var(--vscode-descriptionForeground);
    font-size: 0.92em;
  }
  .changed .value:nth-child(4) {
    background: var(
      --vscode-diffEditor-insertedTextBackground,
      color-mix(in srgb, var(--vscode-charts-green) 15%, transparent)
    );
  }
  .changed .value:nth-child(3):not(.absent) {
    background: var(
      --vscode-diffEditor-removedTextBackground,
      color-mix(in srgb, var(--vscode-charts-red) 15%, transparent)
    );
  }
  .columns .value bdi {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  /* Dimmed text is too faint on the colours that mark a change. */
  .changed .value :is(.null, .nothing, .unchanged, .masked) {
    color: inherit;
  }
  .columns .value {
    min-width: 10ch;
  }
  .columns .value,
  .columns .mark,
  .columns thead th:nth-child(n + 3) {
    padding-left: 6px;
  }
  .columns .value:focus-visible,
  dd:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: -1px;
  }
  .changed th[scope='row'] {
    font-weight: 600;
  }
  .mark {
    color: var(--vscode-gitDecoration-modifiedResourceForeground);
  }
  .keyMark {
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, currentColor));
    border-radius: 3px;
    font-size: 0.85em;
    padding: 0 4px;
  }
  .facts {
    display: grid;
    gap: 3px 18px;
    grid-template-columns: max-content 1fr;
    margin: 0;
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  dd bdi {
    white-space: pre-wrap;
  }
  .link:hover {
    text-decoration: underline;
  }
  .link:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
  }
  .tally {
    margin-left: 12px;
  }
  @media (forced-colors: active) {
    .changed .value {
      outline: 1px solid;
      outline-offset: -1px;
    }
  }
`;
