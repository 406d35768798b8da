import { css } from 'lit';

/** A button that looks like a link: it does something beside the text that it stands in. */
export const linkStyles = css`
  .link {
    background: none;
    border: 0;
    color: var(--vscode-textLink-foreground);
    cursor: pointer;
    font: inherit;
    padding: 0;
  }
`;
