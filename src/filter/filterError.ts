import type { FilterProblem } from '../shared/filterApi';

/** What is wrong with an expression; never leaves this folder. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly problem: FilterProblem;

  constructor(message: string, from: number, to: number) {
    super(message);
    this.problem = { message, from, to };
  }
}
