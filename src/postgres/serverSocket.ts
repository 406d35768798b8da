import { Socket } from 'node:net';
import type { ConnectionTarget } from '../shared/connection';
import { SshSocket } from './ssh/sshSocket';
import { isSocketDirectory } from './tlsOptions';

/**
 * A socket that goes to one address of a server, whatever host it is told to connect to: `pg` names the host,
 * for TLS, and which of its addresses is meant is decided by us.
 */
export function newServerSocket(target: ConnectionTarget, address: string): Socket {
  const { ssh, port, connectTimeout } = target;
  if (ssh === undefined) return new ServerSocket(port, address);
  // It has what is used of a socket, by us and by `pg`.
  return new SshSocket({ destination: ssh, connectTimeout }, address, port) as unknown as Socket;
}

class ServerSocket extends Socket {
  readonly #port: number;
  readonly #address: string;

  constructor(port: number, address: string) {
    super();
    this.#port = port;
    this.#address = address;
  }

  override connect(): this {
    return isSocketDirectory(this.#address)
      ? super.connect({ path: `${this.#address}/.s.PGSQL.${String(this.#port)}` })
      : super.connect({ host: this.#address, port: this.#port });
  }
}
