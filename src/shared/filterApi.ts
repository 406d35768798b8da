/** What is wrong with an expression, and where. */
export interface FilterProblem {
  /** One sentence or two: what is wrong and, where it can be told, what to write instead. */
  readonly message: string;
  /** Where, in UTF-16 units of the text; `to` is the first after it and at least `from`. */
  readonly from: number;
  readonly to: number;
}

/** Something that may be written at a place of an expression. */
export interface FilterCompletion {
  readonly label: string;
  /** What takes the place of the text between `from` and `to`. */
  readonly insert: string;
  /** A few words beside the label: a type, a table, what a function does. */
  readonly detail: string;
  readonly kind: 'field' | 'table' | 'schema' | 'column' | 'value' | 'function' | 'operator';
}

/** Answered by the reader of a capture, which knows its tables. */
export interface FilterApi {
  /**
   * `problem`: the expression cannot be used. `hint`: it can, but something in it cannot match in this
   * capture so far, such as a column that no table has.
   */
  checkFilter(p: {
    readonly text: string;
  }): Promise<{ readonly problem?: FilterProblem; readonly hint?: FilterProblem }>;
  /** What may stand at the caret, likely things first: at most {@link COMPLETIONS_LIMIT}. */
  completeFilter(p: { readonly text: string; readonly caret: number }): Promise<{
    readonly from: number;
    readonly to: number;
    readonly items: readonly FilterCompletion[];
  }>;
}

export const COMPLETIONS_LIMIT = 100;
