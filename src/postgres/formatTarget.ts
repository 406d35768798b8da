import type { ConnectionTarget } from '../shared/connection';
import { formatServers } from './serverList';

/** `user@host:port/database`, with the SSH server where there is one: for messages, never with a secret. */
export function formatTarget(target: ConnectionTarget): string {
  const way = target.ssh === undefined ? '' : ` through ${target.ssh}`;
  return `${target.user}@${formatServers(target)}/${target.database}${way}`;
}
