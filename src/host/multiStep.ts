import * as vscode from 'vscode';
import { Cancelled } from './hostFailure';

/** Where a question stands in its row of questions. */
export interface StepPlace {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

export interface TextStep extends StepPlace {
  readonly prompt: string;
  readonly value?: string;
  readonly placeholder?: string;
  /** Shows dots, and stays open when the window loses focus. */
  readonly secret?: boolean;
  /** What is wrong with the text; undefined when nothing is. */
  readonly validate?: (text: string) => string | undefined;
}

export interface PickStep<T extends vscode.QuickPickItem> extends StepPlace {
  readonly items: readonly T[];
  readonly placeholder: string;
  readonly active?: T;
}

/** The user went back one question. */
export const BACK = Symbol('back');

/** Asks for a line of text. Throws {@link Cancelled} when the user closes it. */
export async function askText(step: TextStep): Promise<string | typeof BACK> {
  const input = vscode.window.createInputBox();
  input.prompt = step.prompt;
  input.value = step.value ?? '';
  input.placeholder = step.placeholder ?? '';
  input.password = step.secret ?? false;
  const validate = step.validate ?? (() => undefined);
  input.onDidChangeValue(text => {
    input.validationMessage = validate(text) ?? '';
  });
  return runStep(input, step, () => {
    const problem = validate(input.value);
    input.validationMessage = problem ?? '';
    return problem === undefined ? input.value : undefined;
  });
}

/** Asks for one of several. Throws {@link Cancelled} when the user closes it. */
export async function askPick<T extends vscode.QuickPickItem>(
  step: PickStep<T>,
): Promise<T | typeof BACK> {
  const pick = vscode.window.createQuickPick<T>();
  pick.items = step.items;
  pick.placeholder = step.placeholder;
  pick.matchOnDescription = true;
  if (step.active !== undefined) pick.activeItems = [step.active];
  return runStep(pick, step, () => pick.selectedItems[0]);
}

/**
 * Asks for any number of several, at least one unless `mayBeNone`. Throws {@link Cancelled} when the
 * user closes it.
 */
export async function askPicks<T extends vscode.QuickPickItem>(
  step: PickStep<T> & { readonly selected: readonly T[]; readonly mayBeNone?: boolean },
): Promise<readonly T[] | typeof BACK> {
  const pick = vscode.window.createQuickPick<T>();
  pick.canSelectMany = true;
  pick.items = step.items;
  pick.placeholder = step.placeholder;
  pick.selectedItems = step.selected;
  pick.matchOnDescription = true;
  return runStep(pick, step, () =>
    pick.selectedItems.length === 0 && step.mayBeNone !== true ? undefined : pick.selectedItems,
  );
}

/** Shows one question; `answer` gives undefined as long as the input is not acceptable. */
function runStep<R>(
  input: vscode.InputBox | vscode.QuickPick<vscode.QuickPickItem>,
  place: StepPlace,
  answer: () => R | undefined,
): Promise<R | typeof BACK> {
  input.title = place.title;
  // "1/1" would promise a row of questions.
  if (place.totalSteps > 1) {
    input.step = place.step;
    input.totalSteps = place.totalSteps;
  }
  // Going to another window to fetch an address or a password must not lose what was typed.
  input.ignoreFocusOut = true;
  input.buttons = place.step > 1 ? [vscode.QuickInputButtons.Back] : [];
  return new Promise<R | typeof BACK>((resolve, reject) => {
    input.onDidAccept(() => {
      const value = answer();
      if (value === undefined) return;
      resolve(value);
      input.hide();
    });
    const goBack = (button: vscode.QuickInputButton): void => {
      if (button !== vscode.QuickInputButtons.Back) return;
      resolve(BACK);
      input.hide();
    };
    input.onDidTriggerButton(goBack);
    input.onDidHide(() => {
      reject(new Cancelled());
      input.dispose();
    });
    input.show();
  });
}

/** One question of a row: takes what was answered so far and adds its answer to it. */
export type Step<Draft> = (draft: Draft, place: StepPlace) => Promise<Draft | typeof BACK>;

/**
 * Asks the questions in order, with a way back to each, which shows what was answered there. Throws
 * {@link Cancelled}.
 */
export async function askInSteps<Draft>(
  title: string,
  start: Draft,
  steps: readonly Step<Draft>[],
): Promise<Draft> {
  let draft = start;
  let at = 0;
  for (let step = steps[at]; step !== undefined; step = steps[at]) {
    const next = await step(draft, { title, step: at + 1, totalSteps: steps.length });
    if (next === BACK) {
      at -= 1;
    } else {
      draft = next;
      at += 1;
    }
  }
  return draft;
}
