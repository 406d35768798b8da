import * as vscode from 'vscode';
import { publicationId, slotId } from '../sidebar/nodePlaces';
import type { ChangeParts } from './changeParts';

/** Reads the server again and shows a new slot in the sidebar. */
export async function showSlot(parts: ChangeParts, server: string, slot: string): Promise<void> {
  vscode.window.setStatusBarMessage(`$(check) Slot ${slot} created`, 5000);
  parts.view.reset(server);
  await parts.view.show(slotId(server, slot));
}

/** Reads the server again and shows a new publication in the sidebar. */
export async function showPublication(
  parts: ChangeParts,
  place: { readonly server: string; readonly database: string },
  publication: string,
): Promise<void> {
  vscode.window.setStatusBarMessage('$(check) Publication created', 5000);
  parts.view.reset(place.server);
  await parts.view.show(publicationId(place.server, place.database, publication));
}
