import type { ChangeDetail } from '../../src/shared/changeDetail';
import { FILTER_LIMIT } from '../../src/shared/viewSpec';
import { celMember, celString } from './celText';

/** The filter expression that lets the changes of one row through, or why there is none. */
export function rowFilter(detail: ChangeDetail): string | { readonly problem: string } {
  const keys = detail.columns.filter(({ key }) => key);
  if (keys.length === 0) {
    return {
      problem:
        detail.columns.length === 0
          ? 'This message is not about one row.'
          : 'This table has no key to filter by: see the History of the row instead.',
    };
  }
  const names = new Set<string>();
  for (const side of ['before', 'after'] as const) {
    const texts = keys.map(column => ({ name: column.name, value: column[side] }));
    const parts = texts.flatMap(({ name, value }) => {
      const known =
        value.kind === 'empty' ? '' : value.kind === 'text' && !value.cut ? value.text : undefined;
      return known === undefined ? [] : [{ name, text: known }];
    });
    if (parts.length !== keys.length) continue;
    for (const of of ['key', 'new']) {
      names.add(
        parts.map(({ name, text }) => `${celMember(of, name)} == ${celString(text)}`).join(' && '),
      );
    }
  }
  if (names.size === 0) {
    return {
      problem: 'The key of this row is masked, too long, or no text: it cannot be filtered by.',
    };
  }
  const alternatives = [...names].map(one => (keys.length > 1 ? `(${one})` : one));
  const filter =
    `schema == ${celString(detail.schema)} && table == ${celString(detail.table)} && ` +
    `(${alternatives.join(' || ')})`;
  return filter.length <= FILTER_LIMIT ? filter : { problem: 'The key of this row is too long.' };
}
