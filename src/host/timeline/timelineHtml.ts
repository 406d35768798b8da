import type { SourceFacts } from '../../shared/sourceFacts';

/** What the page is made of; URIs as the webview resolves them. */
export interface TimelinePage {
  readonly title: string;
  /** The webview's own source for Content-Security-Policy. */
  readonly cspSource: string;
  /** Fresh for each page, from a cryptographic source. */
  readonly nonce: string;
  readonly scriptUri: string;
  readonly codiconUri: string;
  /** Tells the page from those before it in its panel. */
  readonly load: number;
  /** Names the capture that the page shows, so that its saved state belongs to that capture alone. */
  readonly captureId: string;
  /** What is shown: the page begins where one of its kind begins, and menus have conditions. */
  readonly kind: SourceFacts['kind'];
}

/**
 * The timeline's page: a frame without data. Everything it shows arrives by messages and enters as
 * text. The policy allows our script, our style sheet and its font, and nothing inline.
 */
export function timelineHtml(page: TimelinePage): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${page.nonce}'`,
    `style-src ${page.cspSource}`,
    `font-src ${page.cspSource}`,
    `img-src ${page.cspSource} data:`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(page.title)}</title>
<link id="vscode-codicon-stylesheet" rel="stylesheet" href="${escapeHtml(page.codiconUri)}">
</head>
<body data-capture="${escapeHtml(page.captureId)}" data-kind="${page.kind}" data-load="${page.load}" data-vscode-context="${escapeHtml(JSON.stringify({ timelineKind: page.kind }))}">
<script type="module" nonce="${escapeHtml(page.nonce)}" src="${escapeHtml(page.scriptUri)}"></script>
</body>
</html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => ENTITIES[character] ?? character);
}
