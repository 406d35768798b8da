import { describe, expect, it } from 'vitest';
import type { SlotInfo } from '../../../src/postgres/catalog/slots';
import { consumeQuestion } from '../../../src/postgres/changes/slotQuestions';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const SLOT = {
  name: 'orders',
  type: 'logical',
  plugin: 'pgoutput',
  database: 'shop',
  active: false,
  consumer: undefined,
} as unknown as SlotInfo;

/** What the question says of a slot that has been free since then. */
function readers(inactiveSince: string): string | undefined {
  const { lines } = consumeQuestion({ ...SLOT, inactiveSince }, ['p'], 'local', NOW);
  return lines.find(line => line.startsWith('Nobody'));
}

describe('who reads a slot', () => {
  it('is told with the time, and without one where that is nothing yet', () => {
    expect(readers('2026-11-21 11:59:00+00')).toBe('Nobody has read it for 1 min.');
    expect(readers('2026-11-21 11:59:59.5+00')).toBe('Nobody reads it at the moment.');
    expect(readers('2026-11-21 12:00:07+00')).toBe('Nobody reads it at the moment.');
  });

  it('is not told with publications that a plugin does not know', () => {
    const lines = (publications: readonly string[]): string =>
      consumeQuestion(SLOT, publications, 'local', NOW).lines.join(' ');
    expect(lines(['p'])).toContain('It is read with the publication "p".');
    expect(lines([])).not.toContain('publication');
  });
});
