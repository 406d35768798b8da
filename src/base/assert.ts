/** Thrown when our own code is wrong; never for bad input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** States what must hold here if our own code is right. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Returns `value` where our own code guarantees that it is there. */
export function ensureDefined<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new AssertionError(`${what} is missing`);
  return value;
}

/** Closes a switch over a union: the compiler complains when a member is not handled. */
export function assertUnreachable(value: never): never {
  throw new AssertionError(`unexpected value ${String(value)}`);
}
