import type { ConnectionTarget } from '../shared/connection';
import { formatServers } from './serverList';

/** `user@host:port/database`: for titles and messages, never with a secret. */
export function formatTarget(target: ConnectionTarget): string {
  return `${target.user}@${formatServers(target)}/${target.database}`;
}
