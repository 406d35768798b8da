import type { PatternNode } from './patternSyntax';
import { parsePattern } from './patternSyntax';

/**
 * A regular expression that is matched in time that grows with the text alone, whatever the pattern: what is
 * typed into a filter meets a million values of strangers, and a backtracking engine would hang on
 * `(a+)+$`. All places in the pattern where a match may stand are followed at once (Thompson), and the sets
 * of places that were met are kept as states of an automaton (as RE2 does), so that a unit of text costs
 * one look into a table.
 *
 * Understood is what RE2 and JavaScript have in common: literals, `.`, classes, `\d \w \s` and their
 * opposites, groups, `|`, `* + ? {m,n}`, lazy ones too, `^` and `$` for the ends of the text, and `(?i)` and `(?s)` at the
 * beginning.
 */
export class LinearPattern {
  readonly source: string;
  readonly #program: readonly Instruction[];
  /** States of the automaton by the places that they stand for. */
  #states = new Map<string, State>();
  #start: State | undefined;

  private constructor(source: string, program: readonly Instruction[]) {
    this.source = source;
    this.#program = program;
  }

  /** A problem where the pattern is not understood; `at` is its place in the pattern. */
  static compile(
    source: string,
  ): { readonly pattern: LinearPattern } | { readonly problem: string; readonly at: number } {
    const parsed = parsePattern(source);
    if ('problem' in parsed) return parsed;
    const program: Instruction[] = [];
    // Counts down: repetitions of nothing would take for ever and leave no instruction.
    const budget = { left: MOST_INSTRUCTIONS * 10 };
    emit(parsed.node, program, budget);
    if (program.length > MOST_INSTRUCTIONS || budget.left < 0) {
      return { problem: 'This pattern is too long when its repetitions are written out.', at: 0 };
    }
    program.push({ kind: 'match' });
    return { pattern: new LinearPattern(source, program) };
  }

  /** Whether the pattern is found anywhere in the text. */
  test(text: string): boolean {
    let state = (this.#start ??= this.#state(this.#closure([0], true)));
    for (let i = 0; i < text.length; i++) {
      if (state.matches) return true;
      const unit = text.charCodeAt(i);
      state = (unit < 128 ? state.next[unit] : state.others.get(unit)) ?? this.#step(state, unit);
    }
    return state.matches || this.#endsHere(state, text === '');
  }

  #step(state: State, unit: number): State {
    const places: number[] = [];
    for (const place of state.places) {
      const instruction = this.#program[place];
      if (instruction?.kind === 'unit' && instruction.accepts(unit)) places.push(place + 1);
    }
    // A match may begin at any unit.
    places.push(0);
    const next = this.#state(this.#closure(places, false));
    if (unit < 128) state.next[unit] = next;
    else if (state.others.size < MOST_OTHERS) state.others.set(unit, next);
    return next;
  }

  #endsHere({ places }: State, start: boolean): boolean {
    return this.#follow(places, { start, end: true }).has(this.#program.length - 1);
  }

  #closure(places: readonly number[], start: boolean): number[] {
    return [...this.#follow(places, { start, end: false })].sort((a, b) => a - b);
  }

  /** All places that are reached without taking a unit. */
  #follow(
    places: readonly number[],
    at: { readonly start: boolean; readonly end: boolean },
  ): Set<number> {
    const seen = new Set<number>();
    const open = [...places];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      if (seen.has(place)) continue;
      seen.add(place);
      const instruction = this.#program[place];
      switch (instruction?.kind) {
        case 'split':
          open.push(instruction.left, instruction.right);
          break;
        case 'jump':
          open.push(instruction.to);
          break;
        case 'start':
          if (at.start) open.push(place + 1);
          break;
        case 'end':
          if (at.end) open.push(place + 1);
          break;
        default:
      }
    }
    return seen;
  }

  #state(places: readonly number[]): State {
    // Places that only lead on are not needed any more.
    const kept = places.filter(place => {
      const kind = this.#program[place]?.kind;
      return kind === 'unit' || kind === 'match' || kind === 'end';
    });
    const key = kept.join();
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    // A pattern can have more states than fit into memory: then it begins anew.
    if (this.#states.size >= MOST_STATES) {
      this.#states = new Map();
      this.#start = undefined;
    }
    const matches = kept.includes(this.#program.length - 1);
    const state: State = { places: kept, matches, next: [], others: new Map() };
    this.#states.set(key, state);
    return state;
  }
}

interface State {
  readonly places: readonly number[];
  readonly matches: boolean;
  /** By unit, below 128. */
  readonly next: (State | undefined)[];
  readonly others: Map<number, State>;
}

const MOST_INSTRUCTIONS = 1000;
const MOST_STATES = 500;
const MOST_OTHERS = 500;

type Instruction =
  | { readonly kind: 'unit'; readonly accepts: (unit: number) => boolean }
  | { readonly kind: 'split'; left: number; right: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'start' | 'end' | 'match' };

function emit(node: PatternNode, program: Instruction[], budget: { left: number }): void {
  if (program.length > MOST_INSTRUCTIONS || --budget.left < 0) return;
  switch (node.kind) {
    case 'unit':
      program.push({ kind: 'unit', accepts: node.accepts });
      return;
    case 'start':
    case 'end':
      program.push({ kind: node.kind });
      return;
    case 'sequence':
      for (const part of node.parts) emit(part, program, budget);
      return;
    case 'either': {
      const jumps: { kind: 'jump'; to: number }[] = [];
      node.branches.forEach((branch, i) => {
        if (i === node.branches.length - 1) {
          emit(branch, program, budget);
          return;
        }
        const split = { kind: 'split' as const, left: program.length + 1, right: 0 };
        program.push(split);
        emit(branch, program, budget);
        const jump = { kind: 'jump' as const, to: 0 };
        jumps.push(jump);
        program.push(jump);
        split.right = program.length;
      });
      for (const jump of jumps) jump.to = program.length;
      return;
    }
    case 'repeat': {
      for (let i = 0; i < node.least; i++) emit(node.part, program, budget);
      if (node.most === undefined) {
        const split = { kind: 'split' as const, left: program.length + 1, right: 0 };
        program.push(split);
        emit(node.part, program, budget);
        program.push({ kind: 'jump', to: split.left - 1 });
        split.right = program.length;
        return;
      }
      const splits: { right: number }[] = [];
      for (let i = node.least; i < node.most; i++) {
        const split = { kind: 'split' as const, left: program.length + 1, right: 0 };
        splits.push(split);
        program.push(split);
        emit(node.part, program, budget);
        if (program.length > MOST_INSTRUCTIONS) break;
      }
      for (const split of splits) split.right = program.length;
    }
  }
}
