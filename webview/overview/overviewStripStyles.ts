import { css } from 'lit';

export const overviewStripStyles = css`
  :host {
    border-bottom: 1px solid
      var(--vscode-contrastBorder, var(--vscode-panel-border, var(--vscode-widget-border)));
    display: block;
    position: relative;
  }
  .head {
    align-items: center;
    display: flex;
    gap: 12px;
    min-height: 22px;
    padding: 1px 12px 0;
  }
  .legend {
    display: flex;
    flex: none;
    gap: 8px;
  }
  .key {
    align-items: center;
    display: inline-flex;
    font-size: 11px;
    font-weight: 600;
    gap: 3px;
  }
  .swatch {
    height: 10px;
    width: 10px;
  }
  .series-insert {
    color: var(--vscode-gitDecoration-addedResourceForeground, var(--vscode-charts-green));
  }
  .series-update {
    color: var(--vscode-gitDecoration-modifiedResourceForeground, var(--vscode-charts-yellow));
  }
  .series-delete,
  .series-truncate {
    color: var(--vscode-gitDecoration-deletedResourceForeground, var(--vscode-charts-red));
  }
  .series-message {
    color: var(--vscode-gitDecoration-renamedResourceForeground, var(--vscode-foreground));
  }
  .series-other {
    color: var(--vscode-descriptionForeground);
  }
  .told {
    color: var(--vscode-descriptionForeground);
    flex: 1;
    font-size: 11px;
    font-variant-numeric: tabular-nums;
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .tools {
    align-items: center;
    display: flex;
    flex: none;
    font-size: 11px;
    gap: 4px;
  }
  .plot {
    cursor: crosshair;
    height: 58px;
    margin: 0 12px;
    overflow: hidden;
    position: relative;
    touch-action: none;
    user-select: none;
  }
  .plot:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
    outline-offset: 1px;
  }
  .bars {
    display: block;
    height: 100%;
    width: 100%;
  }
  .probe-background {
    color: var(--vscode-editor-background);
  }
  .probe-text {
    color: var(--vscode-descriptionForeground);
  }
  .probe-line {
    color: var(
      --vscode-contrastBorder,
      var(--vscode-editorRuler-foreground, var(--vscode-foreground))
    );
  }
  .probe-accent {
    color: var(--vscode-focusBorder);
  }
  .probe-warning {
    color: var(--vscode-editorWarning-foreground, var(--vscode-errorForeground));
  }
  @media (forced-colors: active) {
    .probe-background {
      color: Canvas;
    }
    .probe-text,
    .probe-line,
    .key {
      color: CanvasText;
    }
    .probe-accent,
    .probe-warning {
      color: Highlight;
    }
    .key,
    .probe-background,
    .probe-accent,
    .probe-warning {
      forced-color-adjust: none;
    }
  }
`;
