import { css } from 'lit';

/** Font, cells, header and twisties of a list with columns: rows of the timeline, frames, the fields of a message. */
export const listCellStyles = css`
  :host {
    color: var(--vscode-editor-foreground);
    font-family: var(--vscode-editor-font-family);
    font-size: var(--vscode-editor-font-size, 12px);
  }
  .header {
    color: var(--vscode-descriptionForeground);
  }
  .header .c {
    font-family: var(--vscode-font-family);
    font-size: 0.88em;
  }
  .c {
    overflow: hidden;
    padding: 0 6px;
    text-overflow: ellipsis;
  }
  .twistie {
    cursor: pointer;
    flex: none;
    line-height: inherit;
    vertical-align: top;
    width: 18px;
  }
  .twistie::before {
    content: '\\eab6';
  }
  .twistie.open::before {
    content: '\\eab4';
  }
  .viewport .row.selected :is(.c, .dim, .null, .nothing, .unchanged, .masked, .word) {
    color: inherit;
  }
`;
