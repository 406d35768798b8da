import { css } from 'lit';

/** Cells, header and twisties of a list with columns: the timeline's rows and the fields of a message. */
export const listCellStyles = css`
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
