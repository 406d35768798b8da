import { isIP } from 'node:net';
import { ConnectionStringError, parsePort } from './connectionString';

/** One server of a list as it was written; what is left out is undefined. */
export interface ListedServer {
  readonly host: string | undefined;
  readonly hostAddress: string | undefined;
  readonly port: number;
}

interface Lists {
  readonly host: string | undefined;
  readonly hostaddr: string | undefined;
  readonly port: string | undefined;
}

const DEFAULT_PORT = 5432;

/**
 * Puts the lists of hosts, addresses and ports together (doc: "Specifying Multiple Hosts"): as many hosts as
 * addresses, and one port for all or one for each. Throws ConnectionStringError where they do not fit.
 */
export function readHostList({ host, hostaddr, port }: Lists): readonly ListedServer[] {
  const hosts = split(host);
  const addresses = split(hostaddr);
  const ports = split(port).map(each => (each === '' ? DEFAULT_PORT : parsePort(each)));
  if (hosts.length > 0 && addresses.length > 0 && hosts.length !== addresses.length) {
    throw new ConnectionStringError(
      `The connection has ${count(hosts, 'host')} and ${count(addresses, 'address')} (hostaddr): there must be as many of one as of the other.`,
    );
  }
  const length = Math.max(hosts.length, addresses.length, 1);
  if (ports.length > 1 && ports.length !== length) {
    throw new ConnectionStringError(
      `The connection has ${count(ports, 'port')} for ${length === 1 ? 'one host' : `${length} hosts`}: give one port, or one for each host.`,
    );
  }
  for (const address of addresses) {
    if (address !== '' && isIP(address) === 0) {
      throw new ConnectionStringError('hostaddr must be an IP address.');
    }
  }
  if (hosts.some(each => each.startsWith('@'))) {
    // Node 20 connects to names of Linux's abstract namespace only where it has bound them itself.
    throw new ConnectionStringError(
      'A Unix socket without a file ("@…") cannot be reached from here: name a folder, or localhost.',
    );
  }
  return Array.from({ length }, (_, at) => ({
    host: nonEmpty(hosts[at]),
    hostAddress: nonEmpty(addresses[at]),
    port: (ports.length === 1 ? ports[0] : ports[at]) ?? DEFAULT_PORT,
  }));
}

function split(list: string | undefined): readonly string[] {
  return list === undefined || list === '' ? [] : list.split(',').map(part => part.trim());
}

function count(items: readonly unknown[], what: string): string {
  if (items.length === 1) return `one ${what}`;
  return `${items.length} ${what}${what.endsWith('s') ? 'es' : 's'}`;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
