import * as vscode from 'vscode';

/** Statements as a script that psql takes. */
export function sqlText(statements: readonly string[]): string {
  return statements.map(statement => `${statement.replace(/;\s*$/, '')};`).join('\n');
}

/** Statements as one line for a list, cut where it gets long. */
export function sqlLine(statements: readonly string[], limit = 300): string {
  const line = sqlText(statements).replaceAll(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}

export async function copySql(statements: readonly string[]): Promise<void> {
  await vscode.env.clipboard.writeText(sqlText(statements));
  vscode.window.setStatusBarMessage('$(check) The SQL was copied', 3000);
}

/** Opens the statements in an editor of their own, which nothing runs and nobody saves unasked. */
export async function showSql(statements: readonly string[]): Promise<void> {
  const document = await vscode.workspace.openTextDocument({
    language: 'sql',
    content: `${sqlText(statements)}\n`,
  });
  await vscode.window.showTextDocument(document, { preview: true, preserveFocus: true });
}
