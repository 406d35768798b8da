import { serverId } from './serverNode';
import { nodeId } from './sidebarNode';

/** The id of a slot's line. */
export function slotId(server: string, slot: string): string {
  return `${serverId(server)}/${nodeId('slots', slot)}`;
}

/** The id of a publication's line. */
export function publicationId(server: string, database: string, publication: string): string {
  return `${serverId(server)}/${nodeId('database', database)}/${nodeId('publications')}/${nodeId(publication)}`;
}
