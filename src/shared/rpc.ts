/**
 * Calls and events between two sides that can only post messages: extension host and webview,
 * extension host and worker. An interface of `method(params): Promise<result>` is the contract; both
 * sides are typed from it. A handler that throws still answers; a call can be cancelled.
 *
 * On the wire: `{call, method, params}`, `{reply, ok}` or `{reply, err}`, `{cancel}`, `{event, data}`.
 */

/** Something to post to and to hear from. The adapters for each transport are a few lines each. */
export interface Port {
  post(message: unknown): void;
  /** Registers the one listener. */
  listen(listener: (message: unknown) => void): void;
}

/** An error as it crosses; `code` is stable, `message` is for a person. */
export interface RpcError {
  readonly code: string;
  readonly message: string;
}

/** Thrown at the caller when the other side answered with an error or is gone. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Params<F> = F extends (params: infer P) => Promise<unknown> ? P : never;
type Reply<F> = F extends (params: never) => Promise<infer R> ? R : never;

/** The answering side of a contract: each method also gets a signal for cancellation. */
export type Handlers<Api> = {
  readonly [K in keyof Api]: (
    params: Params<Api[K]>,
    signal: AbortSignal,
  ) => Promise<Reply<Api[K]>> | Reply<Api[K]>;
};

type Message =
  | { readonly call: number; readonly method: string; readonly params: unknown }
  | { readonly reply: number; readonly ok: unknown }
  | { readonly reply: number; readonly err: RpcError }
  | { readonly cancel: number }
  | { readonly event: string; readonly data: unknown };

type HandlerTable = Readonly<Record<string, (params: never, signal: AbortSignal) => unknown>>;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * One end of a connection. `Remote` is what we may call, `Heard` the events we may hear; what the
 * other side may call is given to {@link serve}, the events we send are typed by {@link emitter}.
 */
export class RpcPeer<Remote extends object, Heard extends object> {
  readonly #port: Port;
  readonly #pending = new Map<number, Pending>();
  readonly #running = new Map<number, AbortController>();
  readonly #listeners = new Map<string, (data: never) => void>();
  #handlers: HandlerTable = {};
  #next = 1;
  #closed: RpcFailure | undefined;

  constructor(port: Port) {
    this.#port = port;
    port.listen(message => {
      if (isMessage(message)) this.#receive(message);
    });
  }

  /** Answers the other side's calls with these methods. */
  serve<Api>(handlers: Handlers<Api>): void {
    this.#handlers = handlers;
  }

  call<K extends keyof Remote & string>(
    method: K,
    params: Params<Remote[K]>,
    signal?: AbortSignal,
  ): Promise<Reply<Remote[K]>> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#port.post({ cancel: id });
      };
      const settle = (): void => {
        this.#pending.delete(id);
        signal?.removeEventListener('abort', abort);
      };
      this.#pending.set(id, {
        resolve: value => {
          settle();
          resolve(value as Reply<Remote[K]>);
        },
        reject: error => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abort, { once: true });
      this.#port.post({ call: id, method, params });
      if (signal?.aborted === true) abort();
    });
  }

  on<K extends keyof Heard & string>(event: K, listener: (data: Heard[K]) => void): void {
    this.#listeners.set(event, listener);
  }

  /** A typed way to send the events of `Sent`. */
  emitter<Sent extends object>(): <K extends keyof Sent & string>(event: K, data: Sent[K]) => void {
    return (event, data) => {
      if (this.#closed === undefined) this.#port.post({ event, data });
    };
  }

  /** The other side is gone: every open call fails with this reason, later ones at once. */
  close(code: string, reason: string): void {
    if (this.#closed !== undefined) return;
    this.#closed = new RpcFailure(code, reason);
    for (const pending of [...this.#pending.values()]) pending.reject(this.#closed);
    for (const controller of this.#running.values()) controller.abort();
  }

  #receive(message: Message): void {
    if ('call' in message) {
      void this.#answer(message.call, message.method, message.params);
    } else if ('reply' in message) {
      const pending = this.#pending.get(message.reply);
      if ('err' in message) pending?.reject(new RpcFailure(message.err.code, message.err.message));
      else pending?.resolve(message.ok);
    } else if ('cancel' in message) {
      this.#running.get(message.cancel)?.abort();
    } else {
      this.#listeners.get(message.event)?.(message.data as never);
    }
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const handler = Object.hasOwn(this.#handlers, method) ? this.#handlers[method] : undefined;
      if (handler === undefined) throw new RpcFailure('no-such-method', `no method ${method}`);
      const ok: unknown = await handler(params as never, controller.signal);
      this.#reply({ reply: id, ok: ok ?? null });
    } catch (error) {
      this.#reply({ reply: id, err: toRpcError(error) });
    } finally {
      this.#running.delete(id);
    }
  }

  #reply(message: Message): void {
    if (this.#closed === undefined) this.#port.post(message);
  }
}

function toRpcError(error: unknown): RpcError {
  const message = error instanceof Error ? error.message : String(error);
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string'
      ? error.code
      : 'internal';
  return { code, message };
}

/** Only the envelope: what is inside is checked by the handler that uses it. */
function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  if ('call' in value) {
    return typeof value.call === 'number' && 'method' in value && typeof value.method === 'string';
  }
  if ('reply' in value) return typeof value.reply === 'number';
  if ('cancel' in value) return typeof value.cancel === 'number';
  return 'event' in value && typeof value.event === 'string';
}
