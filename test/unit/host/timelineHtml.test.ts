import { describe, expect, it } from 'vitest';
import { timelineHtml } from '../../../src/host/timeline/timelineHtml';

const page = {
  title: '</title><script>alert(1)</script>"',
  cspSource: 'https://*.vscode-cdn.net',
  nonce: 'abcDEF123',
  scriptUri: 'https://x/timeline.js',
  codiconUri: 'https://x/codicon.css',
  load: 3,
  captureId: '20261120T100000-0123456789ab',
  kind: 'peek',
} as const;

describe('timelineHtml', () => {
  const html = timelineHtml(page);

  it('allows nothing inline and nothing from elsewhere', () => {
    const policy = /content="([^"]*default-src[^"]*)"/.exec(html)?.[1] ?? '';
    expect(policy).toContain('default-src &#39;none&#39;');
    expect(policy).toContain('script-src &#39;nonce-abcDEF123&#39;');
    expect(policy).not.toContain('unsafe');
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toMatch(/ style=|<style| on[a-z]+=/);
  });

  it('takes a hostile title as text', () => {
    expect(html).toContain('&lt;/title&gt;&lt;script&gt;');
  });

  it('tells the page and its menus what is shown', () => {
    expect(html).toContain('data-kind="peek" data-load="3"');
    expect(html).toContain(`data-vscode-context="{&quot;timelineKind&quot;:&quot;peek&quot;}"`);
  });

  it('names the capture for the state that the page keeps', () => {
    expect(html).toContain(`data-capture="${page.captureId}"`);
  });
});
