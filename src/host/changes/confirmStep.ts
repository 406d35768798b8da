import * as vscode from 'vscode';
import { Cancelled } from '../hostFailure';
import { BACK, type StepPlace } from '../multiStep';
import { messageText } from '../messageText';
import { copySql, showSql, sqlLine } from './sqlText';

export interface ConfirmStep extends StepPlace {
  /** What the one button does, such as `Create Slot`. */
  readonly action: string;
  /** What it will cost or do, in one sentence. */
  readonly consequence: string;
  /** What was chosen, in a few words that need not be plain: they are shown as text. */
  readonly summary: string;
  /** The statements as they will run. */
  readonly statements: readonly string[];
}

interface ConfirmItem extends vscode.QuickPickItem {
  readonly does?: 'go' | 'copy' | 'show';
}

const COPY: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon('copy'),
  tooltip: 'Copy SQL',
};

/**
 * The last question of a row: shows what was chosen and the SQL, which can be copied, and does it on
 * Enter. Throws {@link Cancelled}.
 */
export async function askConfirmation(step: ConfirmStep): Promise<true | typeof BACK> {
  const pick = vscode.window.createQuickPick<ConfirmItem>();
  pick.title = step.title;
  pick.step = step.step;
  pick.totalSteps = step.totalSteps;
  pick.placeholder = 'Check, then press Enter';
  pick.ignoreFocusOut = true;
  pick.buttons = [...(step.step > 1 ? [vscode.QuickInputButtons.Back] : []), COPY];
  pick.items = itemsOf(step);
  return new Promise((resolve, reject) => {
    const copy = (): void => {
      void copySql(step.statements);
    };
    pick.onDidAccept(() => {
      switch (pick.selectedItems[0]?.does) {
        case 'go':
          resolve(true);
          pick.hide();
          return;
        case 'copy':
          copy();
          return;
        case 'show':
          void showSql(step.statements);
          return;
        case undefined:
          return;
      }
    });
    pick.onDidTriggerButton(button => {
      if (button === COPY) {
        copy();
        return;
      }
      resolve(BACK);
      pick.hide();
    });
    pick.onDidHide(() => {
      reject(new Cancelled());
      pick.dispose();
    });
    pick.show();
  });
}

function itemsOf(step: ConfirmStep): readonly ConfirmItem[] {
  return [
    {
      does: 'go',
      label: `$(check) ${step.action}`,
      description: messageText(step.summary),
      detail: messageText(step.consequence),
      alwaysShow: true,
    },
    { label: 'SQL', kind: vscode.QuickPickItemKind.Separator },
    {
      does: 'copy',
      label: '$(copy) Copy SQL',
      detail: messageText(sqlLine(step.statements)),
      alwaysShow: true,
    },
    { does: 'show', label: '$(file-code) Show SQL in an Editor', alwaysShow: true },
  ];
}
