import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { css, html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { visibleText } from '../../src/base/visibleText';
import type { FilterProblem } from '../../src/shared/filterApi';
import { COLOR_RULES_LIMIT, NAME_LIMIT, RULE_COLORS } from '../../src/shared/listApi';
import type { ColorRule, RuleColor } from '../../src/shared/listApi';
import { FILTER_LIMIT } from '../../src/shared/viewSpec';
import { linkStyles } from '../linkStyles';
import { Popover } from '../popover';
import { filterMenuStyles } from './filterMenuStyles';
import type { TimelineModel } from './timelineModel';

/** The button that opens the rules that colour rows: the first that a change passes counts. */
@customElement('wal-rules-menu')
export class RulesMenu extends Popover {
  @property({ attribute: false }) model: TimelineModel | undefined;
  @property({ attribute: false }) revision = 0;

  /** Number of the rule that is being edited; as many as there are for a new one. */
  @state() private edited: number | undefined;
  @state() private problem: FilterProblem | undefined;
  @query('.popover input, .popover button') private readonly first!: HTMLElement | null;

  protected override firstFocus(): HTMLElement | null {
    return this.first;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { model } = this;
    if (model === undefined) return nothing;
    const opener = {
      id: 'rules',
      icon: 'symbol-color',
      label: 'Colour rules',
      title: 'Colour rows by rules',
      popup: 'dialog',
    } as const;
    return this.withButton(opener, () => this.#panel(model));
  }

  #panel(model: TimelineModel): TemplateResult {
    const { rules } = model;
    const edited = rules.length === 0 ? 0 : this.edited;
    return html`<div
      class="popover"
      role="dialog"
      aria-label="Colour rules"
      @keydown=${this.onPopoverKey}
      @focusout=${this.onFocusOut}
    >
      ${rules.map((rule, n) => (n === edited ? this.#form(model, n) : this.#rule(model, rule, n)))}
      ${
        edited === rules.length
          ? this.#form(model, rules.length)
          : rules.length >= COLOR_RULES_LIMIT
            ? html`<p>${String(COLOR_RULES_LIMIT)} rules are the most there can be.</p>`
            : html`<button
                type="button"
                id="add-rule"
                class="link"
                @click=${() => {
                  this.#edit(rules.length);
                }}
              >
                Add a Rule
              </button>`
      }
    </div>`;
  }

  #rule(model: TimelineModel, rule: ColorRule, n: number): TemplateResult {
    const { rules } = model;
    return html`<div class="entry">
      <span class="swatch ${rule.color}" aria-hidden="true"></span>
      <button
        type="button"
        class="pick"
        title=${`Edit. ${rule.color}: ${visibleText(rule.expression)}`}
        @click=${() => {
          this.#edit(n);
        }}
      >
        ${visibleText(rule.name)} <span class="code">${visibleText(rule.expression)}</span>
      </button>
      ${
        n === 0
          ? nothing
          : html`<vscode-toolbar-button
              icon="arrow-up"
              label=${`Before: ${visibleText(rule.name)}`}
              title="It counts before the one above"
              @click=${() => {
                const others = rules.filter(other => other !== rule);
                this.#store(model, [...others.slice(0, n - 1), rule, ...others.slice(n - 1)]);
              }}
            ></vscode-toolbar-button>`
      }
      <vscode-toolbar-button
        icon="trash"
        label=${`Delete ${visibleText(rule.name)}`}
        title="Delete"
        @click=${() => {
          this.#store(
            model,
            rules.filter(other => other !== rule),
          );
          this.first?.focus();
        }}
      ></vscode-toolbar-button>
    </div>`;
  }

  #form(model: TimelineModel, n: number): TemplateResult {
    const rule = model.rules[n];
    const color = rule?.color ?? RULE_COLORS[n % RULE_COLORS.length];
    return html`<form
      class="save"
      @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        if (event.currentTarget instanceof HTMLFormElement)
          void this.#save(model, n, event.currentTarget);
      }}
    >
      <input
        name="name"
        type="text"
        required
        maxlength=${NAME_LIMIT}
        aria-label="Name of the rule"
        placeholder="Name, such as Paid orders"
        .defaultValue=${rule?.name ?? ''}
      />
      <select name="color" aria-label="Colour">
        ${RULE_COLORS.map(
          known => html`<option value=${known} ?selected=${known === color}>${known}</option>`,
        )}
      </select>
      <input
        name="expression"
        type="text"
        class="code expression"
        required
        maxlength=${FILTER_LIMIT}
        spellcheck="false"
        autocomplete="off"
        aria-label="Expression: rows that pass it get the colour"
        aria-invalid=${this.problem === undefined ? 'false' : 'true'}
        aria-describedby="rule-problem"
        placeholder='Expression, such as op == "delete"'
        .defaultValue=${rule?.expression ?? model.spec.filter ?? ''}
      />
      <button type="submit" id="save-rule">${rule === undefined ? 'Add' : 'Change'}</button>
      <p id="rule-problem" class="problem" role="status" ?hidden=${this.problem === undefined}>
        ${this.problem?.message ?? ''}
      </p>
    </form>`;
  }

  #edit(n: number): void {
    this.edited = n;
    this.problem = undefined;
    void this.updateComplete.then(() => {
      this.renderRoot.querySelector<HTMLInputElement>('form input')?.focus();
    });
  }

  async #save(model: TimelineModel, n: number, form: HTMLFormElement): Promise<void> {
    const data = new FormData(form);
    const value = (name: string): string => {
      const entry = data.get(name);
      return typeof entry === 'string' ? entry.trim() : '';
    };
    const color: RuleColor = RULE_COLORS.find(known => known === value('color')) ?? 'blue';
    const rule: ColorRule = { name: value('name'), expression: value('expression'), color };
    try {
      this.problem = (await model.peer.call('checkFilter', { text: rule.expression })).problem;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.problem = { message, from: 0, to: 0 };
    }
    const { problem } = this;
    if (problem !== undefined) {
      const field = form.querySelector<HTMLInputElement>('.expression');
      field?.focus();
      field?.setSelectionRange(problem.from, Math.max(problem.to, problem.from + 1));
      return;
    }
    this.edited = undefined;
    // The form goes away, and the focus with it: without it neither Escape nor a click elsewhere is heard.
    await model.storeRules([...model.rules.slice(0, n), rule, ...model.rules.slice(n + 1)]);
    this.requestUpdate();
    await this.updateComplete;
    this.first?.focus();
  }

  #store(model: TimelineModel, rules: readonly ColorRule[]): void {
    void model.storeRules(rules);
  }

  static override styles = [
    Popover.styles,
    filterMenuStyles,
    linkStyles,
    css`
      .popover {
        width: min(440px, calc(100vw - 8px));
      }
      .save input.expression {
        flex-basis: 60%;
      }
      .save select {
        flex: 0 0 auto;
        min-width: 0;
      }
      .problem {
        color: var(--vscode-errorForeground);
        flex-basis: 100%;
        margin: 0;
      }
      [hidden] {
        display: none;
      }
      .link {
        padding: 4px;
      }
      .swatch {
        border: 1px solid var(--vscode-contrastBorder, transparent);
        border-radius: 3px;
        flex: none;
        forced-color-adjust: none;
        height: 14px;
        width: 14px;
      }
      .red {
        background: var(--vscode-charts-red);
      }
      .orange {
        background: var(--vscode-charts-orange);
      }
      .yellow {
        background: var(--vscode-charts-yellow);
      }
      .green {
        background: var(--vscode-charts-green);
      }
      .blue {
        background: var(--vscode-charts-blue);
      }
      .purple {
        background: var(--vscode-charts-purple);
      }
    `,
  ];
}
