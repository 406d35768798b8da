import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { ConnectionProfile } from '../connections/profile';
import type { ProfileStore } from '../connections/profileStore';
import { VIEWS } from '../commandIds';
import { REFRESH_SECONDS, refreshSeconds } from '../settings';
import { ChildrenCache } from './childrenCache';
import { FAILURE_CONTEXT } from './messageNode';
import { nodeItem, nodeTooltip } from './nodeItem';
import { nodePath } from './nodePath';
import type { ServerCatalog } from './serverCatalog';
import { serverId } from './serverNode';
import type { SidebarNode } from './sidebarNode';

/**
 * The sidebar's tree of servers. Nothing connects until a server is opened; while the view can be
 * seen, what is open is read again every few seconds.
 */
export class ServersView implements vscode.TreeDataProvider<SidebarNode> {
  readonly #profiles: ProfileStore;
  readonly #catalog: ServerCatalog;
  readonly #cache: ChildrenCache<SidebarNode>;
  readonly #store = new DisposableStore();
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view: vscode.TreeView<SidebarNode>;
  #timer: NodeJS.Timeout | undefined;
  #refreshing: Promise<void> | undefined;
  /** The lines from the root down to the one that was revealed last. */
  #shown: readonly SidebarNode[] = [];
  /** The servers as they were read last. */
  #known: readonly ConnectionProfile[] = [];

  constructor(profiles: ProfileStore, catalog: ServerCatalog) {
    this.#profiles = profiles;
    this.#catalog = catalog;
    this.#cache = new ChildrenCache(parent => catalog.children(parent));
    this.#store.add(this.#changed);
    this.#view = this.#store.add(
      vscode.window.createTreeView(VIEWS.servers, {
        treeDataProvider: this,
        showCollapseAll: true,
      }),
    );
    this.#store.add(
      this.#view.onDidCollapseElement(event => {
        this.#cache.forget(event.element.id);
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
        this.#changed.fire(undefined);
      }),
    );
    this.#store.add(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        this.#changed.fire(undefined);
      }),
    );
    this.#store.add(
      this.#view.onDidChangeVisibility(() => {
        this.#schedule();
      }),
    );
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration(event => {
        if (event.affectsConfiguration(`walExplorer.${REFRESH_SECONDS}`)) this.#schedule();
      }),
    );
    this.#schedule();
  }

  async getChildren(node?: SidebarNode): Promise<SidebarNode[]> {
    if (node !== undefined) return [...(await this.#cache.children(node))];
    // Without trust the view stays empty, and its welcome text says why.
    if (!vscode.workspace.isTrusted) return [];
    const { profiles, problems } = this.#profiles.read();
    this.#known = profiles;
    return [
      ...profiles.map(profile => this.#catalog.serverNode(profile)),
      ...problems.map(problem => this.#catalog.problemNode(problem)),
    ];
  }

  getTreeItem(node: SidebarNode): vscode.TreeItem {
    return nodeItem(node);
  }

  /** Only asked for lines that are revealed: {@link show} knows what is above them. */
  getParent(node: SidebarNode): SidebarNode | undefined {
    const at = this.#shown.findIndex(each => each.id === node.id);
    return this.#shown[at - 1];
  }

  resolveTreeItem(item: vscode.TreeItem, node: SidebarNode): vscode.TreeItem {
    item.tooltip = nodeTooltip(node);
    return item;
  }

  /** Shows a server and opens it, which connects to it. */
  async reveal(name: string): Promise<void> {
    const node = (await this.getChildren()).find(child => child.id === serverId(name));
    if (node !== undefined) await this.#view.reveal(node, { expand: true, focus: true });
  }

  /** Selects a line, opening what is above it; does nothing where there is none of this id. */
  async show(id: string): Promise<void> {
    this.#shown = await nodePath(id, node => this.getChildren(node));
    const node = this.#shown.at(-1);
    if (node !== undefined) await this.#view.reveal(node, { select: true, focus: false });
  }

  /** Reads one server, or all of them, anew, as if opened for the first time. */
  reset(name?: string): void {
    if (name === undefined) this.#cache.clear();
    else this.#cache.forget(serverId(name));
    this.#changed.fire(undefined);
  }

  /** Reads again what is open; the tree is drawn again only when something is different. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#cache
      // What failed is tried again when the user asks, not every few seconds: it may ask questions.
      .refresh(children => children.some(child => child.context === FAILURE_CONTEXT))
      .then(changed => {
        if (changed) this.#changed.fire(undefined);
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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

  #schedule(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const seconds = refreshSeconds();
    if (!this.#view.visible || seconds === 0 || this.#store.isDisposed) return;
    this.#timer = setTimeout(() => {
      // The next one is due that long after this one is through: a slow server is not pressed.
      void this.refresh().finally(() => {
        this.#schedule();
      });
    }, seconds * 1000);
  }
}
