/**
 * What the list of a timeline remembers beyond its panel: filters, colour rules, bookmarks. Answered by
 * the extension host.
 */
export interface ListApi {
  keptFilters(p: Record<string, never>): Promise<KeptFilters>;
  /** Puts a filter at the head of those that were used. */
  rememberFilter(p: { readonly filter: TypedFilter }): Promise<KeptFilters>;
  /** In place of all named ones. */
  storeNamedFilters(p: { readonly named: readonly NamedFilter[] }): Promise<KeptFilters>;
  colorRules(p: Record<string, never>): Promise<{ readonly rules: readonly ColorRule[] }>;
  storeColorRules(p: { readonly rules: readonly ColorRule[] }): Promise<void>;
  /** Those of the capture that is shown. */
  bookmarks(p: Record<string, never>): Promise<{ readonly bookmarks: readonly Bookmark[] }>;
  storeBookmarks(p: { readonly bookmarks: readonly Bookmark[] }): Promise<void>;
}

export interface ListEvents {
  /** They were changed: here, in another timeline, or in the settings. */
  colorRules: { readonly rules: readonly ColorRule[] };
}

/** What is typed into the filter box: plain text, or an expression. */
export interface TypedFilter {
  readonly kind: 'text' | 'expression';
  readonly value: string;
}

export interface NamedFilter extends TypedFilter {
  /** Unique. */
  readonly name: string;
  /** Offered in every workspace; else only in this one. */
  readonly everywhere: boolean;
}

export interface KeptFilters {
  /** The latest first, each once; at most {@link HISTORY_LIMIT}. */
  readonly history: readonly TypedFilter[];
  /** By name. */
  readonly named: readonly NamedFilter[];
}

export const HISTORY_LIMIT = 50;

export const NAMED_FILTERS_LIMIT = 100;

/** Longest name of a filter or a rule, in UTF-16 units. */
export const NAME_LIMIT = 60;

/** Colours that every theme has. */
export const RULE_COLORS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple'] as const;

export type RuleColor = (typeof RULE_COLORS)[number];

/** Changes that pass the expression are marked with the colour; of several rules the first counts. */
export interface ColorRule {
  readonly name: string;
  readonly expression: string;
  readonly color: RuleColor;
}

export const COLOR_RULES_LIMIT = 20;

/** A row of the list that somebody marked. */
export interface Bookmark {
  readonly seq: number;
  readonly lsn: string;
  /** What the row said when it was marked, such as `update orders id 918`. */
  readonly label: string;
  readonly note: string;
}

export const BOOKMARKS_LIMIT = 500;

/** Longest note of a bookmark, in UTF-16 units. */
export const NOTE_LIMIT = 500;
