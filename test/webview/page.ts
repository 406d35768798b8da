import type { VsCodeApi } from '../../webview/port';
import { FakeHost } from './fakeHost';
import type { FakeOptions } from './fakeHost';
import { madeHostile } from './hostile';
import themes from './themes.json';

/**
 * What stands before our bundle in the page of the tests: VS Code's part (its api object, theme and
 * body classes) and a host in the same page. Options come in the query of the address.
 */
declare global {
  interface Window {
    host: FakeHost;
    /** Set by any value of the database that gets to run as code. */
    hacked?: boolean;
  }
}

const query = new URLSearchParams(location.search);
const theme = query.get('theme') ?? 'dark';
const BODY_CLASSES: Readonly<Record<string, string>> = {
  dark: 'vscode-dark',
  light: 'vscode-light',
  highContrast: 'vscode-high-contrast',
  highContrastLight: 'vscode-high-contrast vscode-high-contrast-light',
};

document.body.className = BODY_CLASSES[theme] ?? 'vscode-dark';
document.body.dataset.capture = 'test';
document.body.dataset.kind = query.get('kind') ?? 'tail';
document.body.dataset.load = '1';
const variables: Readonly<Record<string, string>> =
  Object.entries(themes).find(([name]) => name === theme)?.[1] ?? {};
for (const [name, value] of Object.entries(variables)) {
  document.documentElement.style.setProperty(name, value);
}

const options: FakeOptions = {
  changes: Number(query.get('changes') ?? '5000000'),
  delay: Number(query.get('delay') ?? '2'),
};

let heard: ((message: unknown) => void) | undefined;
window.host = new FakeHost(
  {
    post: message => {
      // As VS Code does it: a copy, later.
      const copy: unknown = structuredClone(message);
      window.postMessage(copy, '*');
    },
    listen: listener => {
      heard = listener;
    },
  },
  options,
);
if (query.has('hostile')) window.host.bend = madeHostile;
if (query.has('first')) {
  addEventListener('load', () => {
    window.host.paintFirst(Number(query.get('first')));
  });
}
const phase = query.get('phase');
if (phase !== null) window.host.tell({ phase: 'connecting', message: phase });

const api: VsCodeApi = {
  postMessage: message => {
    const copy: unknown = structuredClone(message);
    queueMicrotask(() => heard?.(copy));
  },
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') as unknown,
  setState: state => {
    sessionStorage.setItem('state', JSON.stringify(state));
  },
};
Object.assign(window, { acquireVsCodeApi: () => api });
