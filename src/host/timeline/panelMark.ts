import type * as vscode from 'vscode';
import type { ServerMark } from '../../shared/connection';
import { colorIcon } from '../connections/serverColors';
import { serverTitle } from '../connections/serverTitle';
import type { StreamRequest } from './streamRequest';
import { requestTitle } from './streamRequest';

/** `shop_changes · prod · shop@localhost`: the title of a panel, with the label of its server. */
export function markedTitle(request: StreamRequest, { label }: ServerMark): string {
  return beforeServer(request) + serverTitle({ name: request.server, label });
}

/** Whether a panel of this title shows this request; the label may have been another one then. */
export function isTitleOf(request: StreamRequest, title: string): boolean {
  if (title === requestTitle(request)) return true;
  return title.startsWith(beforeServer(request)) && title.endsWith(` · ${request.server}`);
}

/** Gives the panel's tab a dot in the colour of its server, or takes it away. */
export function markTab(
  panel: vscode.WebviewPanel,
  extensionUri: vscode.Uri,
  { color }: ServerMark,
): void {
  if (color !== '') panel.iconPath = colorIcon(extensionUri, color);
  // By its type the icon can be left out, but not taken away.
  else if (panel.iconPath !== undefined) Object.assign(panel, { iconPath: undefined });
}

function beforeServer(request: StreamRequest): string {
  const title = requestTitle(request);
  return title.slice(0, title.length - request.server.length);
}
