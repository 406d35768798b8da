import { describe, expect, it } from 'vitest';
import { pluginChoices } from '../../../../src/postgres/changes/changeFacts';
import {
  publicationNameProblem,
  slotNameProblem,
} from '../../../../src/postgres/changes/changeNames';

describe('names of slots and publications', () => {
  it('takes what the server takes', () => {
    for (const name of ['a', 'debezium_1', '0', '_', 'x'.repeat(63)]) {
      expect(slotNameProblem(name)).toBeUndefined();
    }
    for (const name of ['"; drop', 'é'.repeat(31), '🐘', '\u202eמ', 'x'.repeat(63)]) {
      expect(publicationNameProblem(name)).toBeUndefined();
    }
  });

  it.each([
    ['', /Enter a name/],
    ['a b', /not a space/],
    ['Shop', /not the capital S/],
    ['a-b', /not -\./],
    ['a\u202eb', /not U\+202E/],
    ['🐘', /not 🐘/],
    ['x'.repeat(64), /at most 63 .* has 64/],
    ['pg_conflict_detection', /reserved/],
    ['walexplorer_mine', /temporary slots of/],
  ])('says what is wrong with the slot name %j', (name, problem) => {
    expect(slotNameProblem(name)).toMatch(problem);
  });

  it.each([
    ['', /Enter a name/],
    ['a\0b', /zero byte/],
    ['\ud800', /half of a character/],
    ['é'.repeat(32), /at most 63 bytes; this one has 64/],
  ])('says what is wrong with the publication name %j', (name, problem) => {
    expect(publicationNameProblem(name)).toMatch(problem);
  });
});

describe('plugins of a new slot', () => {
  it('are what the server allows, where it says so', () => {
    expect(pluginChoices('pgoutput, "odd, ""name"', ['wal2json'])).toEqual([
      { name: 'pgoutput', certainty: 'allowed' },
      { name: 'odd, "name', certainty: 'allowed' },
    ]);
  });

  it('are those in use and the usual ones, where it does not', () => {
    const choices = pluginChoices(undefined, ['mine', 'pgoutput']);
    expect(choices.slice(0, 2)).toEqual([
      { name: 'pgoutput', certainty: 'allowed' },
      { name: 'mine', certainty: 'in-use' },
    ]);
    expect(choices.at(-1)?.certainty).toBe('unknown');
  });
});
