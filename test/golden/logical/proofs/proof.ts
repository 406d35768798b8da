import type { LogicalFixtures } from '../cases';
import { provePeeked } from './peeked';
import { provePhysical } from './physical';
import { proveTexts } from './texts';
import { proveRefusal, proveWire } from './wire';

/** Every case of a recording. */
export function caseNames(fixtures: LogicalFixtures): string[] {
  const physical = fixtures.files.has('physical.wire.jsonl') ? ['physical.wire'] : [];
  return [...new Set([...Object.keys(fixtures.cases), ...physical])].sort();
}

/** Proves a case; returns how much was compared: messages, frames, texts, or bytes of a physical stream. */
export function proveCase(fixtures: LogicalFixtures, name: string): Promise<number> {
  if (name === 'physical.wire') return provePhysical(fixtures);
  switch (fixtures.cases[name]?.kind) {
    case 'sql-peek':
      return provePeeked(fixtures, name);
    case 'wire':
      return name.startsWith('err-') ? proveRefusal(fixtures, name) : proveWire(fixtures, name);
    case 'oracle':
      return proveTexts(fixtures, name);
    default:
      throw new Error(`nothing says what the case ${name} is`);
  }
}
