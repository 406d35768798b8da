import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore, toDisposable } from '../base/disposable';
import type { TimelineSnapshot } from '../shared/timelineSnapshot';
import { captureCommands } from './commands/captureCommands';
import { ChangeRunner } from './changes/changeRunner';
import { keepContextKeys } from './commands/contextKeys';
import { publicationCommands } from './commands/publicationCommands';
import { slotCommands } from './commands/slotCommands';
import { listCommands } from './commands/listCommands';
import { serverCommands } from './commands/serverCommands';
import { streamCommands } from './commands/streamCommands';
import { columnCommands } from './commands/columnCommands';
import { timelineCommands } from './commands/timelineCommands';
import { VIEWS } from './commandIds';
import { showDecodingNoticeOnce } from './connections/decodingNotice';
import { OrphanWatch } from './connections/orphanWatch';
import { ColumnMasks } from './connections/columnMasks';
import { ProfileStore } from './connections/profileStore';
import { Servers } from './connections/servers';
import { retryWithSharedPasswords } from './connections/sharedPasswords';
import { WorkspaceFiles } from './connections/suggestions/workspaceFiles';
import type { HostServices } from './hostServices';
import { CapturesView } from './sidebar/capturesView';
import { ServerCatalog } from './sidebar/serverCatalog';
import { ServerDragAndDrop } from './sidebar/serverDragAndDrop';
import { ServersView } from './sidebar/serversView';
import type { SidebarNode } from './sidebar/sidebarNode';
import { captureLimits } from './settings';
import { StatusBar } from './statusBar';
import { CaptureEditorProvider } from './timeline/captureEditor';
import { CaptureGuard } from './timeline/captureGuard';
import { CaptureStore } from './timeline/captureStore';
import { PeekMemory } from './timeline/peekMemory';
import { SavedCaptures } from './timeline/savedCaptures';
import { TimelineLayouts } from './timeline/timelineLayouts';
import { BookmarkMemory } from './timeline/bookmarkMemory';
import { FilterMemory } from './timeline/filterMemory';
import { keepStoryLog } from './timeline/storyLog';
import { Timelines } from './timeline/timelines';
import { Milestones } from './welcome/milestones';
import { watchFirstSteps } from './welcome/watchFirstSteps';
import { welcomeCommands } from './welcome/welcomeCommands';

/** One open timeline, as other extensions and tests see it. */
export interface TimelineInfo {
  readonly id: number;
  readonly title: string;
  readonly streaming: boolean;
  /** Absolute path of the capture; empty while there is none. */
  readonly capturePath: string;
  readonly snapshot: TimelineSnapshot;
}

/** What `activate` gives: a view of the running extension for companion extensions and tests. */
export interface ExtensionApi {
  readonly timelines: () => readonly TimelineInfo[];
  /** The sidebar's tree of servers. */
  readonly serversTree: vscode.TreeDataProvider<SidebarNode>;
  /** What the extension holds registered; 0 after its end. */
  readonly registered: () => number;
}

/** The running extension: makes its parts, connects them, and ends them. */
export class WalExplorer {
  readonly api: ExtensionApi;
  readonly #store = new DisposableStore();
  readonly #servers: Servers;
  readonly #changes: ChangeRunner;
  readonly #timelines: Timelines;
  readonly #captures: CaptureStore;

  constructor(context: vscode.ExtensionContext) {
    const store = this.#store;
    const log = store.add(
      vscode.window.createOutputChannel('Postgres WAL Explorer', { log: true }),
    );
    const profiles = store.add(new ProfileStore(context.secrets, context.globalStorageUri.fsPath));
    const masks = store.add(new ColumnMasks(profiles));
    const servers = new Servers(profiles, log);
    const catalog = store.add(new ServerCatalog(servers));
    const savedCaptures = store.add(new SavedCaptures(context.globalState));
    const captures = new CaptureStore({
      folder: path.join(context.globalStorageUri.fsPath, 'captures'),
      memento: context.workspaceState,
      limits: captureLimits,
      log: (level, message) => {
        log[level](message);
      },
    });
    const services: HostServices = {
      extensionUri: context.extensionUri,
      log,
      servers,
      masks,
      captures,
      savedCaptures,
      layouts: new TimelineLayouts(context.globalState),
      filters: new FilterMemory(context.globalState, context.workspaceState),
      bookmarks: new BookmarkMemory(context.globalState),
      recorderFile: context.asAbsolutePath(path.join('dist', 'recorder.js')),
      readerFile: context.asAbsolutePath(path.join('dist', 'reader.js')),
    };
    const timelines = new Timelines(services);
    const view = store.add(
      new ServersView(profiles, catalog, new ServerDragAndDrop(profiles, log)),
    );
    store.add(
      retryWithSharedPasswords(profiles, servers, log, name => {
        view.reset(name);
      }),
    );
    store.add(showDecodingNoticeOnce(servers, context.globalState));
    store.add(new CapturesView(timelines, savedCaptures, captures));
    store.add(new CaptureGuard(timelines, captures, log));
    store.add(keepStoryLog(timelines, log));
    store.add(new StatusBar(timelines));
    store.add(
      watchFirstSteps(new Milestones(context.globalState), { profiles, timelines, savedCaptures }),
    );
    store.add(new OrphanWatch(servers, () => timelines.ownSlots(), log));
    store.add(keepContextKeys(timelines));
    store.add(CaptureEditorProvider.register(timelines, captures));
    store.add(
      vscode.window.registerWebviewPanelSerializer(VIEWS.timelinePanel, {
        deserializeWebviewPanel: (panel, state) => timelines.restore(panel, state),
      }),
    );
    const memory = new PeekMemory(context.workspaceState);
    const runner = new ChangeRunner(servers, log);
    const changes = { profiles, servers, catalog, view, timelines, memory, runner, log };
    const commands = [
      ...serverCommands({
        profiles,
        servers,
        catalog,
        files: new WorkspaceFiles(context.asAbsolutePath(path.join('dist', 'composeFile.js')), log),
        extensionUri: context.extensionUri,
        view,
        log,
      }),
      ...listCommands({ catalog, view, log }),
      ...streamCommands({ profiles, servers, catalog, timelines, memory, log }),
      ...slotCommands(changes),
      ...publicationCommands(changes),
      ...captureCommands({
        extensionUri: context.extensionUri,
        timelines,
        captures,
        savedCaptures,
        log,
        services,
      }),
      ...timelineCommands(timelines, log),
      ...columnCommands(timelines, masks, log),
      ...welcomeCommands(context.extension.id, log),
    ];
    for (const command of commands) store.add(command);
    // VS Code may end the host without deactivate; what it does dispose, ends everything too.
    context.subscriptions.push(
      toDisposable(() => {
        void this.shutdown();
      }),
    );
    this.#servers = servers;
    this.#changes = runner;
    this.#timelines = timelines;
    this.#captures = captures;
    this.api = {
      serversTree: view,
      registered: () => store.size,
      timelines: () =>
        timelines.list().map(timeline => ({
          id: timeline.id,
          title: timeline.title,
          streaming: timeline.isStreaming,
          capturePath: timeline.capturePath,
          snapshot: timeline.snapshot,
        })),
    };
  }

  #ending: Promise<void> | undefined;

  /** Ends streams first, then everything else; within seconds, whatever the servers do. */
  shutdown(): Promise<void> {
    this.#ending ??= (async () => {
      await Promise.all([this.#timelines.shutdown(), this.#changes.shutdown()]);
      await this.#captures.shutdown();
      await this.#servers.shutdown();
      this.#store.dispose();
    })();
    return this.#ending;
  }
}
