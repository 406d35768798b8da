import { randomInt } from 'node:crypto';
import type { ConnectionTarget, ServerAddress } from '../shared/connection';

/** All servers that a target allows, in the order of its list. A target that has reached one has only that. */
export function serversOf(target: ConnectionTarget): readonly ServerAddress[] {
  return target.reached === undefined && target.servers !== undefined
    ? target.servers
    : [addressOf(target)];
}

/** The target with one of its servers in place of the list: for an attempt, and for what is said about it. */
export function atServer(target: ConnectionTarget, server: ServerAddress): ConnectionTarget {
  return { ...without(target, ['hostAddress', 'password', 'servers', 'reached']), ...server };
}

/**
 * The target as others need it who have to land on the same server as the connection that reached
 * `address`: a slot that one session makes is looked for by the other. The list is kept for {@link anyServer}.
 */
export function reachedAt(
  target: ConnectionTarget,
  server: ServerAddress,
  address: string,
): ConnectionTarget {
  const { servers } = target;
  return {
    ...atServer(target, server),
    ...(servers === undefined ? {} : { servers }),
    reached: address,
  };
}

/**
 * The target as it was before one of its servers was reached: the next connection goes through the list
 * again. For whoever starts anew after a cut.
 */
export function anyServer(target: ConnectionTarget): ConnectionTarget {
  const { servers } = target;
  const [first] = servers ?? [];
  if (servers !== undefined && first !== undefined) return { ...atServer(target, first), servers };
  return without(target, ['reached']);
}

/** The target with a password that a person has given, which goes to every server of the list. */
export function withPassword(target: ConnectionTarget, password: string): ConnectionTarget {
  const { servers } = target;
  return {
    ...target,
    password,
    ...(servers === undefined ? {} : { servers: servers.map(each => ({ ...each, password })) }),
  };
}

/** `db1:5432`, or `db1:5432,db2:5433` where there is a list and none of it has been reached. */
export function formatServers(target: ConnectionTarget): string {
  return serversOf(target).map(formatServer).join(',');
}

export function formatServer({ host, port }: ServerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

/** A new random order of the same things, each order as likely as any other (Fisher and Yates). */
export function shuffled<T>(items: readonly T[]): readonly T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const [a, b] = [order[last], order[other]];
    if (a === undefined || b === undefined) continue;
    order[last] = b;
    order[other] = a;
  }
  return order;
}

function addressOf(target: ConnectionTarget): ServerAddress {
  const { host, hostAddress, port, password } = target;
  return {
    host,
    ...(hostAddress === undefined ? {} : { hostAddress }),
    port,
    ...(password === undefined ? {} : { password }),
  };
}

function without<K extends keyof ConnectionTarget>(
  target: ConnectionTarget,
  names: readonly K[],
): Omit<ConnectionTarget, K> {
  const copy = { ...target };
  for (const name of names) Reflect.deleteProperty(copy, name);
  return copy;
}
