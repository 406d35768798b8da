import { css } from 'lit';

/** Layout of the panel, and its states. */
export const timelineAppStyles = css`
  :host {
    background: var(--vscode-editor-background);
    color: var(--vscode-foreground);
    display: block;
    font-family: var(--vscode-font-family);
    font-size: var(--vscode-font-size, 13px);
    height: 100%;
  }
  main {
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  .toolbar-place {
    height: 35px;
  }
  .body {
    flex: 1;
  }
  .start,
  .end {
    display: flex;
    flex-direction: column;
    height: 100%;
    min-height: 0;
    position: relative;
  }
  wal-timeline-grid {
    flex: 1;
  }
  .hidden {
    visibility: hidden;
  }
  .pill {
    background: var(--vscode-button-background);
    border: 1px solid var(--vscode-contrastBorder, var(--vscode-button-border, transparent));
    border-radius: 12px;
    bottom: 12px;
    color: var(--vscode-button-foreground);
    cursor: pointer;
    font: inherit;
    font-variant-numeric: tabular-nums;
    left: 50%;
    padding: 3px 14px;
    position: absolute;
    translate: -50%;
  }
  .pill:hover {
    background: var(--vscode-button-hoverBackground);
  }
  .pill:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 2px;
  }
  .full {
    align-items: center;
    display: flex;
    flex-direction: column;
    gap: 12px;
    inset: 0;
    justify-content: center;
    padding: 24px;
    position: absolute;
    text-align: center;
  }
  .full p,
  .strip p {
    margin: 0;
    max-width: 64ch;
    overflow-wrap: anywhere;
  }
  .hint {
    color: var(--vscode-descriptionForeground);
  }
  .strip {
    align-items: center;
    background: var(--vscode-editorWidget-background);
    border-top: 1px solid
      var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
    display: flex;
    flex-wrap: wrap;
    gap: 4px 12px;
    padding: 5px 12px;
  }
  .strip .space {
    flex: 1;
  }
  .failed .sentence {
    color: var(--vscode-errorForeground);
  }
  .bar {
    background: color-mix(in srgb, var(--vscode-progressBar-background) 25%, transparent);
    height: 2px;
    overflow: hidden;
    width: 180px;
  }
  .bar::before {
    animation: run 1.4s ease-in-out infinite;
    background: var(--vscode-progressBar-background);
    content: '';
    display: block;
    height: 100%;
    width: 35%;
  }
  @keyframes run {
    from {
      transform: translateX(-100%);
    }
    to {
      transform: translateX(290%);
    }
  }
  :host-context(body.vscode-reduce-motion) .bar::before {
    animation: none;
    width: 100%;
  }
  @media (prefers-reduced-motion: reduce) {
    .bar::before {
      animation: none;
      width: 100%;
    }
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
