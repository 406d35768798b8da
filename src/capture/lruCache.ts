/** Keeps the values used last, up to a limit; asks for each missing one once at a time. */
export class LruCache<V> {
  readonly #limit: number;
  readonly #load: (key: number) => Promise<V>;
  readonly #values = new Map<number, V>();
  readonly #loading = new Map<number, Promise<V>>();

  constructor(limit: number, load: (key: number) => Promise<V>) {
    this.#limit = limit;
    this.#load = load;
  }

  peek(key: number): V | undefined {
    return this.#values.get(key);
  }

  async get(key: number): Promise<V> {
    const value = this.#values.get(key);
    if (value !== undefined) {
      // A Map keeps the order of insertion: the one used last goes to the end.
      this.#values.delete(key);
      this.#values.set(key, value);
      return value;
    }
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#load(key).then(loaded => {
        this.put(key, loaded);
        return loaded;
      });
      this.#loading.set(key, loading);
      const forget = (): void => {
        this.#loading.delete(key);
      };
      loading.then(forget, forget);
    }
    return loading;
  }

  put(key: number, value: V): void {
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#limit) break;
      this.#values.delete(oldest);
    }
  }

  drop(key: number): void {
    this.#values.delete(key);
  }
}
