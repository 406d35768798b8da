import type { Memento } from 'vscode';
import type { PeekRequest } from './streamRequest';
import { isNames } from './streamRequest';

const KEY = 'peek.publications';
const LIMIT = 100;

/** Which publications the last peek at a slot used, so that the question comes once. */
export class PeekMemory {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  publications(server: string, slot: string): readonly string[] {
    const names = this.#entries()[keyOf(server, slot)];
    return isNames(names) ? names : [];
  }

  async remember(request: PeekRequest): Promise<void> {
    if (request.publications.length === 0) return;
    const key = keyOf(request.server, request.slot);
    const others = Object.entries(this.#entries()).filter(([other]) => other !== key);
    await this.#memento.update(
      KEY,
      Object.fromEntries([...others.slice(-LIMIT + 1), [key, request.publications]]),
    );
  }

  #entries(): Readonly<Record<string, unknown>> {
    return this.#memento.get<Readonly<Record<string, unknown>>>(KEY, {});
  }
}

function keyOf(server: string, slot: string): string {
  return JSON.stringify([server, slot]);
}
