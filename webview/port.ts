import type { Port } from '../src/shared/rpc';

/** What VS Code gives to a webview, once (`acquireVsCodeApi`). */
export interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  /** Defined by VS Code before our script runs; may be called only once. */
  function acquireVsCodeApi(): VsCodeApi;
}

/** The webview's end of the connection to the extension host. */
export function webviewPort(api: VsCodeApi): Port {
  return {
    post: message => {
      api.postMessage(message);
    },
    listen: listener => {
      window.addEventListener('message', event => {
        listener(event.data);
      });
    },
  };
}
