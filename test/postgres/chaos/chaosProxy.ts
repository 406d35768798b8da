import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';

/**
 * Stands between a client and a server and has bad days: it cuts what goes through it, says nothing for a
 * while, or hands over every byte by itself. It reorders nothing and loses nothing but by a cut.
 */
export class ChaosProxy {
  readonly #server: net.Server;
  readonly #sockets = new Set<Socket>();
  #isStalled = false;
  /** How many of the next bytes go one by one. */
  #splitBytes = 0;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<ChaosProxy> {
    const server = net.createServer();
    const proxy = new ChaosProxy(server);
    server.on('connection', client => {
      const upstream = net.connect(targetPort, '127.0.0.1');
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

  /** Every connection breaks at once, wherever a message stands. New ones are served. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing passes, in either direction, until {@link resume}; nothing is lost. */
  stall(): void {
    this.#isStalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#isStalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  /** So many of the next bytes are sent each by itself. */
  split(bytes: number): void {
    this.#splitBytes = bytes;
  }

  get isSplitting(): boolean {
    return this.#splitBytes > 0;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    // Each write is a packet of its own.
    to.setNoDelay(true);
    if (this.#isStalled) from.pause();
    from.on('data', (data: Buffer) => {
      void this.#forward(from, to, data);
    });
    from.on('end', () => to.end());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on('error', () => to.destroy());
  }

  async #forward(from: Socket, to: Socket, data: Buffer): Promise<void> {
    if (this.#splitBytes === 0) {
      if (!to.write(data)) {
        from.pause();
        to.once('drain', () => {
          if (!this.#isStalled) from.resume();
        });
      }
      return;
    }
    from.pause();
    for (const [at, byte] of data.entries()) {
      if (this.#splitBytes === 0) {
        to.write(data.subarray(at));
        break;
      }
      this.#splitBytes--;
      to.write(Uint8Array.of(byte));
      // The next one waits until this one is out.
      if (at % 8 === 0) await new Promise(resolve => setImmediate(resolve));
    }
    if (!this.#isStalled) from.resume();
  }
}
