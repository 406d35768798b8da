import { RpcFailure } from '../../shared/rpc';

/** Checks of the parts of a request; each throws an {@link RpcFailure} that names the part. */

export function text(value: unknown, name: string, limit: number): string {
  if (typeof value !== 'string' || value.length > limit) throw bad(name);
  return value;
}

export function bad(name: string): RpcFailure {
  return new RpcFailure('bad-request', `${name} is missing or out of range`);
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('request');
  return value as Readonly<Record<string, unknown>>;
}

export function asList(value: unknown, limit: number, name: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > limit) throw bad(name);
  return value;
}

/** A whole number from 0 to `limit`. */
export function whole(value: unknown, name: string, limit = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > limit) {
    throw bad(name);
  }
  return value;
}
