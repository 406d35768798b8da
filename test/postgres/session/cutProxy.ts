import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';

/** Stands between a client and a server; can hang up, or stop forwarding without closing anything. */
export class CutProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #refuses = false;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static async open(target: number): Promise<CutProxy> {
    const server = net.createServer();
    const proxy = new CutProxy(server);
    server.on('connection', client => {
      if (proxy.#refuses) {
        client.resetAndDestroy();
        return;
      }
      const upstream = net.connect(target, '127.0.0.1');
      proxy.#join(client, upstream);
      proxy.#join(upstream, client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on no byte passes, and new connections are taken and get no answer. */
  cut(): void {
    this.#isCut = true;
  }

  /** Ends every connection that there is now, in both directions; new ones pass. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#sockets.clear();
  }

  /** New connections are hung up at once, or pass again. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', data => {
      if (!this.#isCut) to.write(data);
    });
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#isCut) to.destroy();
    });
    from.on('error', () => from.destroy());
  }
}
