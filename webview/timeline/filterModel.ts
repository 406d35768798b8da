import type { FilterCompletion, FilterProblem } from '../../src/shared/filterApi';
import type { KeptFilters, NamedFilter, TypedFilter } from '../../src/shared/listApi';
import { looksLikeExpression } from './looksLikeExpression';
import { withFilter } from './narrowing';
import type { TimelineModel } from './timelineModel';

/** How long typing rests before the list is filtered, in milliseconds. */
const TYPING_MS = 250;

/** What is offered below the box, for a part of what is typed or for all of it. */
export type Offer =
  | {
      readonly of: 'completions';
      /** What is typed there makes way for what is chosen. */
      readonly from: number;
      readonly to: number;
      readonly items: readonly FilterCompletion[];
    }
  | { readonly of: 'filters'; readonly items: readonly (TypedFilter | NamedFilter)[] };

/**
 * The filter as it is typed: plain text or an expression. An expression is in force once it is right;
 * until then the one before stays. `changed` is called after every change.
 */
export class FilterModel {
  kind: TypedFilter['kind'];
  typed: string;
  /** Why the expression cannot be used, or what in it cannot match here. */
  problem: FilterProblem | undefined;
  hint: FilterProblem | undefined;
  offer: Offer | undefined;
  /** The chosen one of what is offered; -1 for none. */
  active = -1;
  kept: KeptFilters = { history: [], named: [] };

  readonly #model: TimelineModel;
  readonly #changed: () => void;
  /** What of the view's filter is known here: where it is another, somebody else has set it. */
  #known: { text: string; expression: string };
  /** The user wants text, whatever it looks like. */
  #textMeant = false;
  /** The user wants expressions, also in an empty box. */
  #expressionMeant: boolean;
  /** What was cleared last, all of it at once. */
  #cleared: TypedFilter | undefined;
  #timer: number | undefined;
  /** Counts what was asked: only the answer to the latest question counts. */
  #checks = 0;
  #offers = 0;

  /** @param wantsExpressions As {@link wantsExpressions} was, before the page was loaded again. */
  constructor(model: TimelineModel, changed: () => void, wantsExpressions = false) {
    this.#model = model;
    this.#changed = changed;
    const { text, filter: expression = '' } = model.spec;
    this.#known = { text, expression };
    this.#expressionMeant = wantsExpressions;
    this.kind = expression !== '' || (wantsExpressions && text === '') ? 'expression' : 'text';
    this.typed = this.kind === 'text' ? text : expression;
  }

  /** The box takes expressions, also while it is empty. */
  get wantsExpressions(): boolean {
    return this.#expressionMeant;
  }

  /** Takes over a filter that was set elsewhere, by a menu, a chip or a button. */
  sync(): void {
    const { text, filter: expression = '' } = this.#model.spec;
    if (expression !== this.#known.expression) this.#takeOver('expression', expression);
    if (text !== this.#known.text) this.#takeOver('text', text);
    this.#known = { text, expression };
  }

  /** What is typed is in force. */
  get inForce(): boolean {
    return this.typed.trim() !== '' && this.typed === this.#known[this.kind];
  }

  type(typed: string): void {
    if (typed === '') {
      this.#textMeant = false;
      void this.clear();
      return;
    }
    this.typed = typed;
    if (this.kind === 'text' && !this.#textMeant && looksLikeExpression(typed)) {
      this.#set('text', '');
      this.kind = 'expression';
    }
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.apply(), TYPING_MS);
    this.#changed();
  }

  /** Text becomes an expression and the other way round; where both are set, the other one is shown. */
  async flip(): Promise<void> {
    const before = this.kind;
    this.kind = before === 'text' ? 'expression' : 'text';
    this.#textMeant = this.kind === 'text';
    this.#expressionMeant = this.kind === 'expression';
    this.close();
    const other = this.#known[this.kind];
    if (other === '') this.#set(before, '');
    else this.typed = other;
    await this.apply();
  }

  async choose({ kind, value }: TypedFilter): Promise<void> {
    if (kind !== this.kind) this.#set(this.kind, '');
    this.kind = kind;
    this.#textMeant = kind === 'text';
    this.typed = value;
    await this.submit();
  }

  async clear(): Promise<void> {
    const { kind, typed } = this;
    // A letter that is taken back is none that anybody wants again.
    if (typed.trim().length > 1) this.#cleared = { kind, value: typed };
    this.typed = '';
    this.close();
    await this.apply();
    this.#becomeText();
  }

  /** Brings back what was cleared, as it was; false where nothing was. */
  restore(): boolean {
    const cleared = this.#cleared;
    if (cleared === undefined || this.typed !== '') return false;
    this.#cleared = undefined;
    this.kind = cleared.kind;
    this.#textMeant = cleared.kind === 'text';
    this.typed = cleared.value;
    void this.apply();
    this.#changed();
    return true;
  }

  /** Puts in force what is typed, and remembers it. */
  async submit(): Promise<void> {
    this.close();
    await this.apply();
    await this.remember();
  }

  async remember(): Promise<void> {
    const { kind, typed: value } = this;
    const latest = this.kept.history[0];
    if (!this.inForce || (latest?.kind === kind && latest.value === value)) return;
    await this.#keep(() => this.#model.peer.call('rememberFilter', { filter: { kind, value } }));
  }

  async storeNamed(named: readonly NamedFilter[]): Promise<void> {
    await this.#keep(() => this.#model.peer.call('storeNamedFilters', { named }));
  }

  async load(): Promise<void> {
    await this.#keep(() => this.#model.peer.call('keptFilters', {}));
  }

  /** Puts what is typed in force, where it is right. */
  async apply(): Promise<void> {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    const { kind, typed } = this;
    const check = ++this.#checks;
    this.problem = undefined;
    this.hint = undefined;
    if (kind === 'expression' && typed.trim() !== '') {
      const { problem, hint } = await this.#check(typed);
      if (check !== this.#checks) return;
      this.problem = problem;
      this.hint = hint;
    }
    if (this.problem === undefined) this.#set(kind, typed.trim() === '' ? '' : typed);
    this.#changed();
  }

  /** Offers what may stand at the caret of an expression. */
  async suggest(caret: number): Promise<void> {
    const { typed } = this;
    const asked = ++this.#offers;
    if (this.kind === 'text') {
      this.close();
      return;
    }
    try {
      const found = await this.#model.peer.call('completeFilter', { text: typed, caret });
      if (asked !== this.#offers || this.typed !== typed) return;
      const there = typed.slice(found.from, found.to);
      const items = found.items.filter(({ insert }) => insert.trim() !== there);
      this.#offer(items.length === 0 ? undefined : { ...found, of: 'completions', items });
    } catch {
      // Typing goes on without: there is no capture yet, or it is being closed.
      if (asked === this.#offers) this.#offer(undefined);
    }
  }

  /** Offers what may stand at the caret; in an empty box that is where an expression begins. */
  async ask(caret: number): Promise<void> {
    if (this.typed === '') this.kind = 'expression';
    await this.suggest(caret);
  }

  /** Offers what was cleared last, the filters that have a name, and those that were used. */
  offerKept(): boolean {
    const kept = [...this.kept.named, ...this.kept.history];
    const cleared = this.#cleared;
    const isKept = kept.some(
      ({ kind, value }) => kind === cleared?.kind && value === cleared.value,
    );
    const items = cleared === undefined || isKept ? kept : [cleared, ...kept];
    this.#offers++;
    this.#offer(items.length === 0 ? undefined : { of: 'filters', items });
    if (items.length > 0) this.active = 0;
    return items.length > 0;
  }

  /** The next of what is offered, beyond the last one none. */
  move(by: 1 | -1): void {
    const count = (this.offer?.items.length ?? 0) + 1;
    this.active = ((this.active + 1 + by + count) % count) - 1;
    this.#changed();
  }

  /** Takes one of what is offered; where the caret stands then, undefined where it was a whole filter. */
  accept(index: number): number | undefined {
    const { offer } = this;
    if (offer?.of === 'filters') {
      const filter = offer.items[index];
      if (filter !== undefined) void this.choose(filter);
      return undefined;
    }
    const item = offer?.items[index];
    if (offer === undefined || item === undefined) return undefined;
    this.close();
    this.type(this.typed.slice(0, offer.from) + item.insert + this.typed.slice(offer.to));
    return offer.from + item.insert.length;
  }

  /** Takes back what is offered. */
  close(): void {
    this.#offers++;
    this.#offer(undefined);
  }

  /** The user thought better of what is offered. */
  dismiss(): void {
    this.close();
    this.#becomeText();
  }

  #offer(offer: Offer | undefined): void {
    this.offer = offer;
    this.active = -1;
    this.#changed();
  }

  #takeOver(kind: TypedFilter['kind'], value: string): void {
    if (value === '' && kind !== this.kind) return;
    window.clearTimeout(this.#timer);
    this.#checks++;
    if (value === '' && this.typed !== '') this.#cleared = { kind, value: this.typed };
    this.kind = kind;
    this.typed = value;
    this.problem = undefined;
    this.hint = undefined;
    this.#becomeText();
  }

  /** An expression that was recognised is gone: what is typed next is looked at anew. */
  #becomeText(): void {
    if (this.typed !== '' || this.#expressionMeant) return;
    this.kind = 'text';
    this.#changed();
  }

  #set(kind: TypedFilter['kind'], value: string): void {
    if (this.#known[kind] === value) return;
    this.#known = { ...this.#known, [kind]: value };
    const { spec } = this.#model;
    void this.#model.setSpec(kind === 'text' ? { ...spec, text: value } : withFilter(spec, value));
  }

  async #check(
    text: string,
  ): Promise<{ readonly problem?: FilterProblem; readonly hint?: FilterProblem }> {
    try {
      return await this.#model.peer.call('checkFilter', { text });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { problem: { message, from: 0, to: 0 } };
    }
  }

  async #keep(call: () => Promise<KeptFilters>): Promise<void> {
    try {
      this.kept = await call();
      this.#changed();
    } catch {
      // The filter works all the same; it is not remembered then.
    }
  }
}
