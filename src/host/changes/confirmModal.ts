import * as vscode from 'vscode';
import { visibleText } from '../../base/visibleText';
import { Cancelled } from '../hostFailure';
import { copySql, sqlLine } from './sqlText';

export interface ModalQuestion {
  /** One sentence that names what is touched. */
  readonly message: string;
  /** What one should know before saying yes, a line each. */
  readonly lines: readonly string[];
  /** The statements as they will run. */
  readonly statements: readonly string[];
  /** What the button does, such as `Drop Slot`. */
  readonly action: string;
}

const COPY_SQL = 'Copy SQL';

/** Asks in the middle of the window, where nobody answers by accident. Throws {@link Cancelled}. */
export async function confirmModal(question: ModalQuestion): Promise<void> {
  const { message, lines, statements, action } = question;
  const sql = statements.length === 0 ? [] : ['', `SQL: ${sqlLine(statements)}`];
  const detail = [...lines, ...sql].map(line => visibleText(line)).join('\n');
  const copies = statements.length === 0 ? [] : [COPY_SQL];
  for (;;) {
    const answer = await vscode.window.showWarningMessage(
      visibleText(message),
      { modal: true, detail },
      action,
      ...copies,
    );
    // Copying is no answer: the question comes again.
    if (answer !== COPY_SQL) {
      if (answer !== action) throw new Cancelled();
      return;
    }
    await copySql(statements);
  }
}
