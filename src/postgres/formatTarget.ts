import type { ConnectionTarget } from '../shared/connection';

/** `user@host:port/database`: for titles and messages, never with a secret. */
export function formatTarget(target: ConnectionTarget): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return `${target.user}@${host}:${String(target.port)}/${target.database}`;
}
