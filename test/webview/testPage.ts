/// <reference types="node" />
import { build } from 'esbuild';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../scripts/vscode/browser';

const root = path.resolve(import.meta.dirname, '../..');
const CSP = "default-src 'none'; script-src 'nonce-test'; style-src 'self'; font-src 'self'";

const HTML = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CSP}">
<title>Timeline</title>
<link id="vscode-codicon-stylesheet" rel="stylesheet" href="codicon.css">
</head>
<body>
<script type="module" nonce="test" src="page.js"></script>
<script type="module" nonce="test" src="timeline.js"></script>
</body>
</html>`;

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
};

/** The bundle as it ships, in a page with the policy that it ships with, in a real Chromium. */
export class TestPages {
  readonly #folder: string;
  readonly #server: http.Server;
  readonly #browser: Browser;
  readonly bundleBytes: number;

  private constructor(folder: string, server: http.Server, browser: Browser, bundleBytes: number) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.bundleBytes = bundleBytes;
  }

  static async start(): Promise<TestPages> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'wal-webview-'));
    const common = {
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'chrome128',
      tsconfig: path.join(root, 'webview/tsconfig.json'),
      logLevel: 'warning',
    } as const;
    await build({
      ...common,
      keepNames: true,
      entryPoints: { timeline: path.join(root, 'webview/timeline/main.ts') },
      outdir: folder,
    });
    await build({
      ...common,
      entryPoints: { page: path.join(root, 'test/webview/page.ts') },
      outdir: folder,
    });
    for (const file of ['codicon.css', 'codicon.ttf']) {
      await cp(
        path.join(root, 'node_modules/@vscode/codicons/dist', file),
        path.join(folder, file),
      );
    }
    const server = http.createServer((request, response) => {
      void serve(folder, request.url ?? '/', response);
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const browser = await launchBrowser(folder);
    const bundle = await readFile(path.join(folder, 'timeline.js'));
    return new TestPages(folder, server, browser, bundle.length);
  }

  /** Opens the timeline; what the page reports as an error is collected and checked at the end. */
  async open(query: Readonly<Record<string, string>> = {}): Promise<TestPage> {
    const page = await this.#browser.newPage({ viewport: { width: 1280, height: 800 } });
    const { port } = this.#server.address() as AddressInfo;
    const errors: string[] = [];
    page.on('pageerror', error => errors.push(String(error)));
    page.on('console', message => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${String(port)}/?${new URLSearchParams(query).toString()}`);
    await page.locator('wal-status-line .line').waitFor();
    // Before that the list is hidden, and takes neither the focus nor a key.
    const rows = page.locator('wal-timeline-grid:not(.hidden) .viewport .row');
    await rows.or(page.locator('.full')).first().waitFor();
    return { page, errors };
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export interface TestPage {
  readonly page: Page;
  /** Errors of scripts and refusals of the content security policy. */
  readonly errors: readonly string[];
}

async function serve(folder: string, url: string, response: http.ServerResponse): Promise<void> {
  const name = path.basename(new URL(url, 'http://localhost').pathname);
  try {
    const type = TYPES[path.extname(name)];
    const body = name === '' ? HTML : await readFile(path.join(folder, name));
    response.writeHead(200, { 'content-type': type ?? 'text/html' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
