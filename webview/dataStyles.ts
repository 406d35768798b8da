import { css } from 'lit';

/** How data looks everywhere: values, the kinds of nothing, fates and operations. */
export const dataStyles = css`
  .data {
    color: var(--vscode-editor-foreground);
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
    font-variant-ligatures: none;
  }
  .dim {
    color: var(--vscode-descriptionForeground);
  }
  .null {
    color: var(--vscode-descriptionForeground);
    font-variant: all-small-caps;
    letter-spacing: 0.04em;
  }
  .nothing {
    color: var(--vscode-descriptionForeground);
  }
  .unchanged,
  .masked {
    color: var(--vscode-descriptionForeground);
    font-style: italic;
  }
  .op {
    font-weight: 600;
  }
  .op-insert {
    color: var(--vscode-gitDecoration-addedResourceForeground, var(--vscode-charts-green));
  }
  .op-update {
    color: var(--vscode-gitDecoration-modifiedResourceForeground, var(--vscode-charts-yellow));
  }
  .op-delete,
  .op-truncate {
    color: var(--vscode-gitDecoration-deletedResourceForeground, var(--vscode-charts-red));
  }
  .op-message {
    color: var(--vscode-gitDecoration-renamedResourceForeground, var(--vscode-foreground));
  }
  .tentative,
  .fate-cut,
  .fate-open {
    font-style: italic;
  }
  .struck {
    text-decoration: line-through;
  }
  bdi {
    white-space: pre;
  }
  .word {
    display: inline-block;
    text-decoration: none;
  }
  .codicon {
    display: inline-block;
    font: normal 16px/1 codicon;
    text-align: center;
    text-decoration: none;
    text-rendering: auto;
    -webkit-font-smoothing: antialiased;
  }
  .sr {
    clip-path: inset(50%);
    height: 1px;
    overflow: hidden;
    position: absolute;
    white-space: nowrap;
    width: 1px;
  }
`;
