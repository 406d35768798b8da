import * as vscode from 'vscode';
import type { Handlers } from '../../shared/rpc';
import type { ExportScope } from '../../shared/readerApi';
import type { CopyRequest, TimelineApi } from '../../shared/timelineApi';
import type { RowSelection } from '../../shared/viewSpec';
import type { HostServices } from '../hostServices';
import { messageText } from '../messageText';
import { askJump } from './askJump';
import { exportTimeline } from './exportTimeline';
import type { TimelineModel } from './timelineModel';
import { checkCopy, checkDay, checkExport, checkLayout } from './timelineRequests';

type Tools = Pick<TimelineApi, 'copy' | 'export' | 'askJump' | 'layout' | 'storeLayout'>;

/** What a timeline offers besides looking: clipboard, export, the way to a place, its columns. */
export class TimelineTools {
  readonly #title: string;
  readonly #model: TimelineModel;
  readonly #services: Pick<HostServices, 'log' | 'layouts'>;
  readonly #focusSettled: () => Promise<void>;
  readonly #closing = new AbortController();
  #exporting = false;

  constructor(
    title: string,
    model: TimelineModel,
    services: Pick<HostServices, 'log' | 'layouts'>,
    focusSettled: () => Promise<void>,
  ) {
    this.#focusSettled = focusSettled;
    this.#title = title;
    this.#model = model;
    this.#services = services;
  }

  /** The answers to the webview. */
  handlers(): Handlers<Tools> {
    return {
      copy: params => this.copy(checkCopy(params)),
      export: async params => {
        const { scope, selection } = checkExport(params);
        await this.export(scope, selection);
      },
      askJump: async params => {
        const target = await askJump(checkDay(params));
        return target === undefined ? {} : { target };
      },
      layout: () => {
        const layout = this.#services.layouts.get();
        return layout === undefined ? {} : { layout };
      },
      storeLayout: ({ layout }) => this.#services.layouts.store(checkLayout(layout)),
    };
  }

  /** Puts it on the clipboard; rejects where a value is too much. The page says where rows were cut. */
  async copy(what: CopyRequest): Promise<{ readonly rows: number; readonly cut: boolean }> {
    if (what.what === 'text') {
      await vscode.env.clipboard.writeText(what.text);
      return { rows: 0, cut: false };
    }
    const { text, rows, cut } = await this.#model.textOf(what);
    if (rows > 0) await vscode.env.clipboard.writeText(text);
    return { rows, cut };
  }

  /** Asks, exports, and tells how it went, one export at a time. Failures are told too: never rejects. */
  async export(scope: ExportScope, selection?: RowSelection): Promise<void> {
    if (this.#exporting) {
      void vscode.window.showInformationMessage(
        messageText(`${this.#title} is being exported. Wait for that, or cancel it.`),
      );
      return;
    }
    this.#exporting = true;
    await this.#export(scope, selection).finally(() => {
      this.#exporting = false;
    });
  }

  async #export(scope: ExportScope, selection: RowSelection | undefined): Promise<void> {
    await exportTimeline({
      title: this.#title,
      scope,
      ...(selection === undefined ? {} : { selection }),
      log: this.#services.log,
      focusSettled: this.#focusSettled,
      write: (p, signal, onProgress) => this.#model.export(p, signal, onProgress),
      signal: this.#closing.signal,
    }).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#services.log.error(`${this.#title}: export: ${message}`);
      void vscode.window.showErrorMessage(messageText(`Nothing was exported. ${message}`));
    });
  }

  /** Ends an export that is under way; what it has written by then is whole. */
  cancel(): void {
    this.#closing.abort();
  }
}
