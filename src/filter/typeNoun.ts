import type { StaticType } from './expressionTree';

/** What something is, for a sentence. */
export function typeNoun(type: StaticType): string {
  switch (type) {
    case 'any':
      return 'a value';
    case 'bool':
      return 'true or false';
    case 'int':
    case 'double':
    case 'decimal':
      return 'a number';
    case 'string':
      return 'a text';
    case 'time':
      return 'a time';
    case 'lsn':
      return 'a position in the WAL';
    case 'duration':
      return 'a duration';
    case 'list':
      return 'a list';
    case 'null':
      return 'NULL';
  }
}

/** How such a value is written. */
export const EXAMPLES: Readonly<Record<StaticType, string>> = {
  any: '1',
  bool: 'true',
  int: '5',
  double: '1.5',
  decimal: '"100.00"',
  string: '"text"',
  time: '"2026-11-21T10:00:00Z"',
  lsn: '"0/16B6C50"',
  duration: '"1h30m"',
  list: '["a", "b"]',
  null: 'null',
};
