import * as vscode from 'vscode';
import { Cancelled } from '../hostFailure';
import { messageText } from '../messageText';

/** What was shown is no longer true: says so and offers to look again. Throws {@link Cancelled}. */
export async function offerPreview(message: string): Promise<void> {
  const again = 'Show It Anew';
  const answer = await vscode.window.showWarningMessage(messageText(message), again);
  if (answer !== again) throw new Cancelled();
}
