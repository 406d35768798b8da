import * as vscode from 'vscode';
import { formatLsn } from '../../base/lsn';
import { parseConsumerCommand } from '../../postgres/catalog/consumerOptions';
import { readDatabases } from '../../postgres/catalog/databases';
import { readPublications } from '../../postgres/catalog/publications';
import { readPublishedTables } from '../../postgres/catalog/publishedTables';
import type { ServerFacts } from '../../postgres/catalog/serverFacts';
import { readServerFacts } from '../../postgres/catalog/serverFacts';
import type { SlotInfo } from '../../postgres/catalog/slots';
import { readSlot, readSlots } from '../../postgres/catalog/slots';
import { COMMANDS } from '../commandIds';
import type { ConnectionProfile } from '../connections/profile';
import type { Servers } from '../connections/servers';
import { failureOf } from '../hostFailure';
import { failureNodes, noteNode } from './messageNode';
import { publicationNode, tableNodes } from './publicationNode';
import {
  databaseNode,
  publicationsNode,
  serverNode,
  settingProblemNode,
  slotsNode,
} from './serverNode';
import type { SidebarNode } from './sidebarNode';
import { slotNode } from './slotNode';

/** Reads servers for the sidebar and for the commands: what is below a node, and what is called how. */
export class ServerCatalog {
  readonly #servers: Servers;
  readonly #facts = new Map<string, ServerFacts>();
  readonly #learned = new vscode.EventEmitter<void>();
  /** Something is known now about a server itself, and its line in the tree may change. */
  readonly onDidLearn = this.#learned.event;

  constructor(servers: Servers) {
    this.#servers = servers;
  }

  serverNode(profile: ConnectionProfile): SidebarNode {
    return serverNode(profile, this.#facts.get(profile.name));
  }

  /** The server of this name is another one now, or gone. */
  forget(name: string): void {
    this.#facts.delete(name);
  }

  problemNode(problem: string): SidebarNode {
    return settingProblemNode(problem, { command: COMMANDS.editServers, title: 'Edit Servers' });
  }

  /** What is below a node. Never rejects: a failure is told in lines of its own. */
  async children(parent: SidebarNode): Promise<readonly SidebarNode[]> {
    try {
      return await this.#read(parent);
    } catch (error) {
      return failureNodes(parent.id, parent.subject.server, failureOf(error));
    }
  }

  async databases(server: string): Promise<readonly string[]> {
    const databases = await this.#servers.use(server, undefined, readDatabases);
    return databases.filter(database => database.mayConnect).map(database => database.name);
  }

  async publicationNames(server: string, database: string): Promise<readonly string[]> {
    const publications = await this.#servers.use(server, database, readPublications);
    return publications.map(publication => publication.name);
  }

  slots(server: string): Promise<readonly SlotInfo[]> {
    return this.#servers.use(server, undefined, readSlots);
  }

  slot(server: string, name: string): Promise<SlotInfo | undefined> {
    return this.#servers.use(server, undefined, session => readSlot(session, name));
  }

  /** The server's position now, `X/X`. */
  async currentLsn(server: string): Promise<string> {
    const facts = await this.#servers.use(server, undefined, readServerFacts);
    return formatLsn(facts.currentLsn);
  }

  dispose(): void {
    this.#learned.dispose();
  }

  async #read(parent: SidebarNode): Promise<readonly SidebarNode[]> {
    const { subject } = parent;
    switch (subject.kind) {
      case 'server':
        return this.#readServer(subject.server);
      case 'database':
        return [publicationsNode(parent, subject.server, subject.database)];
      case 'publications':
        return this.#readPublications(parent, subject);
      case 'publication':
        return this.#readTables(parent, subject);
      case 'slots': {
        const now = Date.now();
        const slots = await this.slots(subject.server);
        return slots.map(slot => slotNode(subject.server, slot, now));
      }
      case 'table':
      case 'slot':
      case 'message':
        return [];
    }
  }

  async #readServer(server: string): Promise<readonly SidebarNode[]> {
    return this.#servers.use(server, undefined, async session => {
      const facts = await readServerFacts(session);
      this.#learn(server, facts);
      const databases = await readDatabases(session);
      const slots = await readSlots(session);
      return [
        ...databases.map(database =>
          databaseNode(server, database, database.name === session.target.database),
        ),
        slotsNode(server, slots),
      ];
    });
  }

  async #readPublications(
    parent: SidebarNode,
    place: { readonly server: string; readonly database: string },
  ): Promise<readonly SidebarNode[]> {
    const publications = await this.#servers.use(place.server, place.database, readPublications);
    if (publications.length === 0) return [noteNode(parent.id, place.server, 'No publications')];
    const { server, database } = place;
    return publications.map(publication =>
      publicationNode(parent, { server, database }, publication),
    );
  }

  async #readTables(
    parent: SidebarNode,
    subject: { readonly server: string; readonly database: string; readonly publication: string },
  ): Promise<readonly SidebarNode[]> {
    const { server, database } = subject;
    return this.#servers.use(server, database, async session => {
      const all = await readPublications(session);
      const publication = all.find(each => each.name === subject.publication);
      if (publication === undefined) {
        return [noteNode(parent.id, server, 'This publication does not exist any more')];
      }
      const tables = await readPublishedTables(session, subject.publication);
      return tableNodes(parent, { server, database }, publication, tables);
    });
  }

  #learn(server: string, facts: ServerFacts): void {
    const before = this.#facts.get(server);
    this.#facts.set(server, facts);
    // Positions are bigints; compared as what is shown.
    const shown = (each: ServerFacts | undefined): string =>
      each === undefined
        ? ''
        : `${each.version} ${each.role} ${each.walLevel} ${formatLsn(each.currentLsn)}`;
    if (shown(before) !== shown(facts)) this.#learned.fire();
  }
}

/** Whether the command of the slot's consumer can be seen, with the publications it asks for. */
export function consumerIsVisible(slot: SlotInfo): boolean {
  const query = slot.consumer?.query;
  if (query === undefined) return false;
  const options = parseConsumerCommand(query);
  return options?.isComplete === true && options.publications.length > 0;
}
