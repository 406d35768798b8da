import * as vscode from 'vscode';
import { formatLsn } from '../../base/lsn';
import { parseConsumerCommand } from '../../postgres/catalog/consumerOptions';
import { readDatabases } from '../../postgres/catalog/databases';
import { readPublication, readPublications } from '../../postgres/catalog/publications';
import { readPublishedTablePage } from '../../postgres/catalog/publishedTables';
import type { ServerFacts } from '../../postgres/catalog/serverFacts';
import { readServerFacts } from '../../postgres/catalog/serverFacts';
import { readServerSummary } from '../../postgres/catalog/serverSummary';
import type { SlotInfo } from '../../postgres/catalog/slots';
import { readSlot, readSlotPage, readSlots } from '../../postgres/catalog/slots';
import { readSubscriptions } from '../../postgres/catalog/subscriptions';
import type { SqlSession } from '../../postgres/sqlSession';
import { COMMANDS } from '../commandIds';
import type { ConnectionProfile } from '../connections/profile';
import type { Servers } from '../connections/servers';
import { failureOf, HostFailure } from '../hostFailure';
import { slotOrder } from '../settings';
import { listLines } from './listLines';
import { ListScopes } from './listScopes';
import { failureNodes, noteNode, walLevelNode } from './messageNode';
import { publicationNode, tableNode } from './publicationNode';
import {
  databaseNode,
  opensByItself,
  publicationsNode,
  serverId,
  serverNode,
  settingProblemNode,
  slotsNode,
  walLevelOf,
} from './serverNode';
import type { NodeSubject, SidebarNode } from './sidebarNode';
import { slotNode } from './slotNode';
import { subscriptionNode, subscriptionsNode } from './subscriptionNode';

/**
 * Milliseconds within which a reading must be through. The server gives a statement up earlier by
 * itself; this is for one that does not answer at all, such as behind a network that is gone.
 */
const ANSWER_LIMIT_MS = 40_000;
/** The same for a reading that nobody wants any more: who opens the line again gets a new session then. */
const UNWANTED_LIMIT_MS = 2_000;

type Place = Extract<NodeSubject, { readonly kind: 'publications' }>;
type PublicationPlace = Extract<NodeSubject, { readonly kind: 'publication' }>;

/** Reads servers for the sidebar and for the commands: what is below a node, and what is called how. */
export class ServerCatalog {
  readonly #servers: Servers;
  readonly #facts = new Map<string, ServerFacts>();
  /** How much of each list is shown. */
  readonly scopes = new ListScopes();
  readonly #answerLimit: number;
  readonly #learned = new vscode.EventEmitter<void>();
  /** Something is known now about a server itself, and its line in the tree may change. */
  readonly onDidLearn = this.#learned.event;

  constructor(servers: Servers, answerLimitMs = ANSWER_LIMIT_MS) {
    this.#servers = servers;
    this.#answerLimit = answerLimitMs;
  }

  serverNode(profile: ConnectionProfile): SidebarNode {
    return serverNode(profile, this.#facts.get(profile.name));
  }

  /** The server of this name is another one now, or gone. */
  forget(name: string): void {
    this.#facts.delete(name);
    this.scopes.forget(serverId(name));
  }

  problemNode(problem: string): SidebarNode {
    return settingProblemNode(problem, {
      command: COMMANDS.editServers,
      title: 'Open Server Settings',
    });
  }

  /** What is below a node. Never rejects: a failure is told in lines of its own. */
  async children(parent: SidebarNode, signal: AbortSignal): Promise<readonly SidebarNode[]> {
    try {
      return await this.#read(parent, signal);
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

  async #read(parent: SidebarNode, signal: AbortSignal): Promise<readonly SidebarNode[]> {
    const { subject } = parent;
    switch (subject.kind) {
      case 'server':
        return this.#use(subject.server, undefined, signal, session =>
          this.#readServer(subject.server, session),
        );
      case 'database':
        return [publicationsNode(parent, subject.server, subject.database)];
      case 'publications':
        return this.#use(subject.server, subject.database, signal, session =>
          this.#readPublications(parent, subject, session),
        );
      case 'publication':
        return this.#use(subject.server, subject.database, signal, session =>
          this.#readTables(parent, subject, session),
        );
      case 'slots':
        return this.#use(subject.server, undefined, signal, session =>
          this.#readSlots(parent, session),
        );
      case 'subscriptions': {
        const { server } = subject;
        const all = await this.#use(server, undefined, signal, readSubscriptions);
        return all.map(subscription => subscriptionNode(server, subscription));
      }
      case 'subscription':
      case 'table':
      case 'slot':
      case 'list':
      case 'message':
        return [];
    }
  }

  /** Reads with a session, for as long as somebody wants it and the server answers. */
  #use<T>(
    server: string,
    database: string | undefined,
    signal: AbortSignal,
    read: (session: SqlSession) => Promise<T>,
  ): Promise<T> {
    return this.#servers.use(
      server,
      database,
      async session => {
        const silence = new AbortController();
        const giveUp = (): void => {
          silence.abort();
          session.dropForSilence();
        };
        let limit = setTimeout(giveUp, this.#answerLimit);
        const hurry = (): void => {
          clearTimeout(limit);
          limit = setTimeout(giveUp, UNWANTED_LIMIT_MS);
        };
        signal.addEventListener('abort', hurry, { once: true });
        try {
          return await read(session);
        } catch (error) {
          if (!silence.signal.aborted) throw error;
          throw new HostFailure({
            code: 'silent',
            message: `${server} has not answered for ${this.#answerLimit / 1000} seconds.`,
            action: 'Check the server and the network or VPN, then try again.',
            detail: String(error),
          });
        } finally {
          clearTimeout(limit);
          signal.removeEventListener('abort', hurry);
        }
      },
      signal,
    );
  }

  async #readServer(server: string, session: SqlSession): Promise<readonly SidebarNode[]> {
    const facts = await readServerFacts(session);
    this.#learn(server, facts);
    const own = session.target.database;
    // What the profile names is what its owner looks for: it stands above the others.
    const databases = [...(await readDatabases(session))].sort(
      (a, b) => Number(b.name === own) - Number(a.name === own),
    );
    const summary = await readServerSummary(session);
    const walLevel = walLevelOf(facts);
    return [
      ...(walLevel === 'logical' ? [] : [walLevelNode(serverId(server), server, walLevel)]),
      ...databases.map(database =>
        databaseNode(
          server,
          database,
          database.name === own && opensByItself(summary.publications),
        ),
      ),
      slotsNode(server, summary),
      ...(summary.subscriptions === 0 ? [] : [subscriptionsNode(server, summary.subscriptions)]),
    ];
  }

  async #readSlots(parent: SidebarNode, session: SqlSession): Promise<readonly SidebarNode[]> {
    const scope = this.scopes.of(parent.id);
    const { slots, matching } = await readSlotPage(session, { ...scope, order: slotOrder() });
    const now = Date.now();
    const lines = slots.map(slot => slotNode(parent.subject.server, slot, now));
    return listLines({ parent, lines, matching, scope, word: 'slot' });
  }

  async #readPublications(
    parent: SidebarNode,
    { server, database }: Place,
    session: SqlSession,
  ): Promise<readonly SidebarNode[]> {
    const scope = this.scopes.of(parent.id);
    const wanted = scope.filter.toLowerCase();
    const found = (await readPublications(session)).filter(publication =>
      publication.name.toLowerCase().includes(wanted),
    );
    const lines = found
      .slice(0, scope.limit)
      .map(publication => publicationNode(parent, { server, database }, publication));
    return listLines({ parent, lines, matching: found.length, scope, word: 'publication' });
  }

  async #readTables(
    parent: SidebarNode,
    { server, database, publication: name }: PublicationPlace,
    session: SqlSession,
  ): Promise<readonly SidebarNode[]> {
    const publication = await readPublication(session, name);
    if (publication === undefined) {
      return [noteNode(parent.id, server, 'This publication does not exist any more')];
    }
    const scope = this.scopes.of(parent.id);
    const { tables, matching } = await readPublishedTablePage(session, name, scope);
    const lines = tables.map(table => tableNode(parent, { server, database }, publication, table));
    return listLines({ parent, lines, matching, scope, word: 'table' });
  }

  #learn(server: string, facts: ServerFacts): void {
    this.#facts.set(server, facts);
    this.#learned.fire();
  }
}

/** Whether the command of the slot's consumer can be seen, with the publications it asks for. */
export function consumerIsVisible(slot: SlotInfo): boolean {
  const query = slot.consumer?.query;
  if (query === undefined) return false;
  const options = parseConsumerCommand(query);
  return options?.isComplete === true && options.publications.length > 0;
}
