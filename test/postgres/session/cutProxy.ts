import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';

/** Stands between a client and a server; can hang up, or stop forwarding without closing anything. */
export class CutProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients: Socket[] = [];
  #isCut = false;
  #refuses = false;
  #silenceAfter = Infinity;
  /** Called with the number of each new connection, from 1 on. */
  onConnection: ((nth: number) => void) | undefined;

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
      proxy.#join(client, upstream, Infinity);
      proxy.#join(upstream, client, proxy.#silenceAfter);
      const nth = proxy.#clients.push(client);
      proxy.onConnection?.(nth);
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

  /** Ends one connection; the first has number 1. */
  hangUpOn(nth: number): void {
    this.#clients[nth - 1]?.resetAndDestroy();
  }

  /** Connections that begin from now on get so many bytes of the server, and then nothing more. */
  silenceAfter(bytes: number): void {
    this.#silenceAfter = bytes;
  }

  /** How many connections there were. */
  get connections(): number {
    return this.#clients.length;
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

  #join(from: Socket, to: Socket, silenceAfter: number): void {
    this.#sockets.add(from);
    let passed = 0;
    from.on('data', data => {
      passed += data.length;
      if (!this.#isCut && passed <= silenceAfter) to.write(data);
    });
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#isCut) to.destroy();
    });
    from.on('error', () => from.destroy());
  }
}
