import * as vscode from 'vscode';
import type { HostServices } from '../hostServices';
import { messageText } from '../messageText';
import { saveCapture } from './saveCapture';
import type { SavedFacts } from './savedCaptures';
import { saveRedacted } from './saveRedacted';

/**
 * Saves a capture. Where columns are masked, the file of the capture still has their values: then it is
 * asked first which of the two is meant. Undefined when the user thought better of it.
 */
export async function saveOrShare(
  source: string,
  facts: SavedFacts & { readonly title: string },
  services: Pick<HostServices, 'log' | 'masks' | 'readerFile' | 'savedCaptures'>,
): Promise<{ readonly uri: vscode.Uri; readonly redacted: boolean } | undefined> {
  const mask = services.masks.of(facts.server);
  if (mask.length === 0) return savedAs(await saveCapture(source, facts, services), false);
  const picked = await vscode.window.showQuickPick(
    [
      {
        label: 'Without the Masked Values',
        detail: messageText(`A copy to give away. Gone for good: ${mask.join(', ')}`),
        redacted: true,
      },
      {
        label: 'Everything',
        detail: 'The file has the masked values too: they are only not shown while they are masked',
        redacted: false,
      },
    ],
    { title: 'Save Capture', placeHolder: 'Some columns are masked. What should the file hold?' },
  );
  if (picked === undefined) return undefined;
  const save = picked.redacted ? saveRedacted : saveCapture;
  return savedAs(await save(source, facts, services), picked.redacted);
}

function savedAs(uri: vscode.Uri | undefined, redacted: boolean) {
  return uri === undefined ? undefined : { uri, redacted };
}
