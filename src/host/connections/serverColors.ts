import * as vscode from 'vscode';
import type { ServerColor } from '../../shared/connection';

/** A dot in the server's colour, where icons are files: panels' tabs and quick picks. */
export function colorIcon(
  extensionUri: vscode.Uri,
  color: ServerColor,
): { readonly light: vscode.Uri; readonly dark: vscode.Uri } {
  const file = (theme: 'light' | 'dark'): vscode.Uri =>
    vscode.Uri.joinPath(extensionUri, 'media', 'servers', `${color}-${theme}.svg`);
  return { light: file('light'), dark: file('dark') };
}
