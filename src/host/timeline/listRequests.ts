import {
  BOOKMARKS_LIMIT,
  COLOR_RULES_LIMIT,
  HISTORY_LIMIT,
  NAMED_FILTERS_LIMIT,
  NAME_LIMIT,
  NOTE_LIMIT,
  RULE_COLORS,
} from '../../shared/listApi';
import type { Bookmark, ColorRule, NamedFilter, TypedFilter } from '../../shared/listApi';
import { FILTER_LIMIT } from '../../shared/viewSpec';
import { asList, asObject, bad, text, whole } from './requestChecks';

/** Checks what the webview wants kept; also what was kept: another version may have written it. */

export function checkTypedFilter(value: unknown): TypedFilter {
  const { kind, value: written } = asObject(value);
  if (kind !== 'text' && kind !== 'expression') throw bad('kind');
  return { kind, value: someText(written, 'value', FILTER_LIMIT) };
}

export function checkHistory(value: unknown): readonly TypedFilter[] {
  return asList(value, HISTORY_LIMIT, 'history').map(checkTypedFilter);
}

export function checkNamedFilters(value: unknown): readonly NamedFilter[] {
  const names = new Set<string>();
  return asList(value, NAMED_FILTERS_LIMIT, 'named').map(entry => {
    const { name, everywhere } = asObject(entry);
    const checked = someText(name, 'name', NAME_LIMIT);
    if (names.has(checked) || typeof everywhere !== 'boolean') throw bad('named');
    names.add(checked);
    return { ...checkTypedFilter(entry), name: checked, everywhere };
  });
}

export function checkColorRule(value: unknown): ColorRule {
  const { name, expression, color } = asObject(value);
  const known = RULE_COLORS.find(c => c === color);
  if (known === undefined) throw bad('color');
  return {
    name: someText(name, 'name', NAME_LIMIT),
    expression: someText(expression, 'expression', FILTER_LIMIT),
    color: known,
  };
}

export function checkColorRules(value: unknown): readonly ColorRule[] {
  return asList(value, COLOR_RULES_LIMIT, 'rules').map(checkColorRule);
}

export function checkBookmarks(value: unknown): readonly Bookmark[] {
  const seen = new Set<number>();
  return asList(value, BOOKMARKS_LIMIT, 'bookmarks').map(entry => {
    const { seq: number, lsn, label, note } = asObject(entry);
    const seq = whole(number, 'seq');
    if (seen.has(seq)) throw bad('seq');
    seen.add(seq);
    return {
      seq,
      lsn: text(lsn, 'lsn', 32),
      label: text(label, 'label', NOTE_LIMIT),
      note: text(note, 'note', NOTE_LIMIT),
    };
  });
}

function someText(value: unknown, name: string, limit: number): string {
  const checked = text(value, name, limit);
  if (checked.trim() === '') throw bad(name);
  return checked;
}
