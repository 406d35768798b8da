import * as vscode from 'vscode';
import { visibleLine } from '../escapeMarkdown';
import { factTooltip } from '../markdownText';
import type { SidebarNode } from './sidebarNode';

/** The tree item of a node. Names come from servers and are shown as text wherever they appear. */
export function nodeItem(node: SidebarNode): vscode.TreeItem {
  const item = new vscode.TreeItem(visibleLine(node.label), stateOf(node));
  item.id = node.id;
  item.contextValue = node.context;
  item.description = visibleLine(node.description);
  item.iconPath = new vscode.ThemeIcon(
    node.icon.name,
    node.icon.color === undefined ? undefined : new vscode.ThemeColor(node.icon.color),
  );
  item.accessibilityInformation = { label: visibleLine(node.accessible) };
  if (node.action !== undefined) {
    item.command = { ...node.action, arguments: [node] };
  }
  return item;
}

/** The tooltip is made when it is wanted: it may hold every column of a catalog. */
export function nodeTooltip(node: SidebarNode): vscode.MarkdownString {
  const { title, notes, facts } = node.tooltip;
  return factTooltip(title, notes, facts);
}

function stateOf(node: SidebarNode): vscode.TreeItemCollapsibleState {
  if (node.expandable === false) return vscode.TreeItemCollapsibleState.None;
  return node.expandable === 'expanded'
    ? vscode.TreeItemCollapsibleState.Expanded
    : vscode.TreeItemCollapsibleState.Collapsed;
}
