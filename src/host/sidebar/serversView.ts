import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionProfile } from '../connections/profile';
import type { ProfileStore } from '../connections/profileStore';
import { VIEWS } from '../commandIds';
import { REFRESH_SECONDS, refreshSeconds, SLOT_ORDER } from '../settings';
import type { OpenNode } from './childrenCache';
import { ChildrenCache } from './childrenCache';
import { DrawnLines } from './drawnLines';
import { FAILURE_CONTEXT } from './messageNode';
import { nodeItem, nodeTooltip } from './nodeItem';
import { nodePath } from './nodePath';
import { RefreshRounds } from './refreshRounds';
import type { ServerCatalog } from './serverCatalog';
import { serverId } from './serverNode';
import type { SidebarNode } from './sidebarNode';
import { UnhurriedDraw } from './unhurriedDraw';

/**
 * The sidebar's tree of servers. Nothing connects until a server is opened; while the view can be
 * seen, what is open is read again every few seconds.
 */
export class ServersView implements vscode.TreeDataProvider<SidebarNode> {
  readonly #profiles: ProfileStore;
  readonly #catalog: ServerCatalog;
  readonly #cache: ChildrenCache<SidebarNode>;
  readonly #rounds: RefreshRounds<SidebarNode>;
  readonly #drawn = new DrawnLines();
  readonly #draw = new UnhurriedDraw<SidebarNode>(lines => {
    this.#changed.fire(lines);
  });
  /** Lines that were closed: what is below them is read anew when they are opened. */
  readonly #closed = new Set<string>();
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<SidebarNode | SidebarNode[] | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<SidebarNode>;
  #timer: NodeJS.Timeout | undefined;
  /** The servers as they were read last. */
  #known: readonly ConnectionProfile[] = [];

  constructor(
    profiles: ProfileStore,
    catalog: ServerCatalog,
    dragAndDrop: vscode.TreeDragAndDropController<SidebarNode>,
  ) {
    this.#profiles = profiles;
    this.#catalog = catalog;
    this.#cache = new ChildrenCache({
      load: (parent, signal) => catalog.children(parent, signal),
      looksSame: this.#drawn.looksSame,
    });
    this.#rounds = new RefreshRounds(this.#cache, {
      groupOf: node => node.subject.server,
      placeOf: ({ subject }) => ('database' in subject ? subject.database : undefined),
      isDue,
      draw: lines => {
        this.#draw.lines(lines);
      },
    });
    this.#store.add(this.#changed);
    this.#view = this.#store.add(
      vscode.window.createTreeView(VIEWS.servers, {
        treeDataProvider: this,
        dragAndDropController: dragAndDrop,
        canSelectMany: false,
        showCollapseAll: true,
      }),
    );
    this.#store.add(
      this.#view.onDidCollapseElement(event => {
        this.#closed.add(event.element.id);
        this.#cache.forget(event.element.id);
      }),
    );
    // The tree keeps what was below a closed line and would show it again as it was.
    this.#store.add(
      this.#view.onDidExpandElement(event => {
        if (this.#closed.delete(event.element.id)) this.#draw.lines([event.element]);
      }),
    );
    this.#store.add(
      profiles.onDidChange(() => {
        this.#forgetChanged();
        this.#changed.fire(undefined);
      }),
    );
    // What a server is, is known once it was asked: its line changes then.
    this.#store.add(
      catalog.onDidLearn(() => {
        const lines = this.#cache.updateRoots(this.#rootNodes());
        if (lines === undefined) this.#changed.fire(undefined);
        else this.#draw.lines(lines);
      }),
    );
    this.#store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire(undefined);
      }),
    );
    this.#store.add(
      this.#view.onDidChangeVisibility(() => {
        // Who comes back sees the state of that moment.
        this.#schedule(0);
      }),
    );
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration(`walExplorer.${REFRESH_SECONDS}`)) this.#schedule();
        if (event.affectsConfiguration(`walExplorer.${SLOT_ORDER}`)) this.#schedule(0);
      }),
    );
    this.#schedule();
  }

  async getChildren(node?: SidebarNode): Promise<SidebarNode[]> {
    // A line that stands for a list, such as an empty one's, has nothing below it.
    if (node?.expandable === false) return [];
    if (node !== undefined) {
      return [...(await this.#draw.whileReading(node, this.#cache.children(node)))];
    }
    this.#known = this.#profiles.read().profiles;
    // Without trust the view stays empty, and its welcome text says why.
    return vscode.workspace.isTrusted ? [...this.#cache.roots(this.#rootNodes())] : [];
  }

  getTreeItem(node: SidebarNode): vscode.TreeItem {
    return nodeItem(node);
  }

  /** Only asked for lines that are revealed. */
  getParent(node: SidebarNode): SidebarNode | undefined {
    return this.#cache.parentOf(node.id);
  }

  resolveTreeItem(item: vscode.TreeItem, node: SidebarNode): vscode.TreeItem {
    item.tooltip = nodeTooltip(node);
    this.#drawn.tooltipMade(node);
    return item;
  }

  /** Shows a server and opens it, which connects to it. */
  async reveal(name: string): Promise<void> {
    const node = (await this.getChildren()).find(child => child.id === serverId(name));
    if (node !== undefined) await this.#view.reveal(node, { expand: true, focus: true });
  }

  /** Selects a server and leaves it as it is, open or not. */
  async select(name: string): Promise<void> {
    const node = (await this.getChildren()).find(child => child.id === serverId(name));
    if (node !== undefined) await this.#view.reveal(node, { focus: true });
  }

  /** The line that is selected, for what a key does; undefined where there is none. */
  get selected(): SidebarNode | undefined {
    return this.#view.selection[0];
  }

  /** Selects a line, opening what is above it; does nothing where there is none of this id. */
  async show(id: string): Promise<void> {
    const node = (await nodePath(id, each => this.getChildren(each))).at(-1);
    if (node !== undefined) await this.#view.reveal(node, { select: true, focus: false });
  }

  /** Reads one server, or all of them, anew, as if opened for the first time. */
  reset(name?: string): void {
    const id = name === undefined ? undefined : serverId(name);
    if (id === undefined) this.#cache.clear();
    else this.#cache.forget(id);
    this.#changed.fire(id === undefined ? undefined : this.#cache.root(id));
  }

  /** Reads a list again because another part of it is wanted; opens it where it is closed. */
  async relist(id: string, node?: SidebarNode): Promise<void> {
    const open = this.#cache.openNode(id);
    if (open === undefined) {
      if (node !== undefined) await this.#view.reveal(node, { select: false, expand: true });
      return;
    }
    const lines = await this.#cache.reload(id);
    this.#draw.lines(lines);
  }

  /** Tries again what failed in this place. */
  retry(failure: SidebarNode): void {
    const parent = this.#cache.parentOf(failure.id);
    if (parent === undefined) return;
    this.#cache.forget(parent.id);
    this.#changed.fire(parent);
  }

  /** Reads again what is open; only the lines that are different are drawn again. */
  refresh(): Promise<void> {
    return this.#rounds.start();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rounds.stop();
    this.#cache.clear();
    this.#draw.dispose();
    this.#store.dispose();
  }

  /** The other servers keep what was read: reading them again could ask for their passwords. */
  #forgetChanged(): void {
    const { profiles } = this.#profiles.read();
    for (const { name, url, readOnly } of this.#known) {
      if (profiles.some(p => p.name === name && p.url === url && p.readOnly === readOnly)) continue;
      this.#cache.forget(serverId(name));
      this.#catalog.forget(name);
    }
    this.#known = profiles;
  }

  #rootNodes(): readonly SidebarNode[] {
    const { profiles, problems } = this.#profiles.read();
    return [
      ...profiles.map(profile => this.#catalog.serverNode(profile)),
      ...problems.map(problem => this.#catalog.problemNode(problem)),
    ];
  }

  /**
   * While somebody looks, what is open is read every few seconds; `wait` is the time to the next reading
   * in seconds.
   */
  #schedule(wait = refreshSeconds()): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#view.visible || this.#store.isDisposed) {
      this.#rounds.stop();
    } else if (refreshSeconds() > 0) {
      this.#timer = setTimeout(() => {
        // The next one is due also while a server is still being read: it is left out then.
        void this.refresh();
        this.#schedule();
      }, wait * 1000);
    }
  }
}

/** What failed is tried again when the user asks, not unasked: it may have a question for them. */
function isDue({ children, readAt }: OpenNode<SidebarNode>): boolean {
  const failure = children?.find(child => child.context === FAILURE_CONTEXT);
  if (failure === undefined) return true;
  if (failure.subject.kind !== 'message') return false;
  const { retrySeconds } = failure.subject;
  return retrySeconds !== undefined && performance.now() - readAt >= retrySeconds * 1000;
}
