import path from 'node:path';
import * as vscode from 'vscode';
import { formatBytes, formatPlural, formatSpan } from '../../base/quantity';
import { COMMANDS, VIEWS } from '../commandIds';
import { visibleLine } from '../escapeMarkdown';
import { plainMarkdown } from '../markdownText';
import { captureLimits } from '../settings';
import type { StoredCapture } from '../timeline/captureFolder';
import type { SavedCapture } from '../timeline/savedCaptures';
import type { Timeline } from '../timeline/timeline';
import { isKnownPlugin } from '../../shared/textPlugin';

/** A capture that is open in a timeline of this window. */
export function timelineItem(timeline: Timeline): vscode.TreeItem {
  const { capture, session, source, view } = timeline.snapshot;
  const isFile = session === null;
  const state = timeline.isStreaming ? 'live' : isFile ? 'open' : 'ended';
  const label = visibleLine(timeline.title);
  // Only the plugin itself knows what a change is in a text of its own.
  const unreadable = capture.error !== '' && view.changes === 0;
  const changes = unreadable
    ? 'cannot be read'
    : isKnownPlugin(source.plugin)
      ? formatPlural(view.changes - capture.cutChanges, 'change')
      : formatPlural(view.changes, 'line');
  const size = formatBytes(capture.bytes);
  const item = new vscode.TreeItem(label);
  item.id = `timeline/${timeline.id}`;
  // The icon tells the state; a narrow sidebar shows what comes first.
  item.description = unreadable ? changes : parts(changes, size);
  item.iconPath = new vscode.ThemeIcon(
    timeline.isStreaming ? 'pulse' : unreadable ? 'warning' : 'history',
  );
  item.contextValue = timeline.isStreaming
    ? 'capture.streaming'
    : isFile
      ? 'capture.file'
      : 'capture.open';
  item.tooltip = plainMarkdown([
    label,
    parts(state, changes, size),
    ...(isFile ? [] : ['Deleted when its timeline is closed, unless saved.']),
  ]);
  item.accessibilityInformation = { label: `${label}, ${state}, ${changes}` };
  item.command = {
    command: COMMANDS.showTimeline,
    title: 'Show Timeline',
    arguments: [timeline.id],
  };
  return item;
}

/** A capture that a window left behind. */
export function keptItem(capture: StoredCapture): vscode.TreeItem {
  const { facts, bytes, writtenMs } = capture;
  const label = visibleLine(facts?.title ?? capture.id);
  const age = ageOf(writtenMs);
  const left = Math.max(0, writtenMs + captureLimits().keepMs - Date.now()) / 1000;
  const item = new vscode.TreeItem(label);
  item.id = `kept/${capture.id}`;
  item.description = parts('not saved', countOf(facts?.changes), formatBytes(bytes), age);
  item.iconPath = new vscode.ThemeIcon('archive');
  item.contextValue = 'capture.kept';
  item.tooltip = plainMarkdown([
    label,
    parts(countOf(facts?.changes), formatBytes(bytes), age),
    `Its window is gone and nobody saved it: it is deleted in ${formatSpan(left)}.`,
  ]);
  item.accessibilityInformation = { label: `${label}, not saved, ${formatBytes(bytes)}, ${age}` };
  item.command = openCommand(vscode.Uri.file(capture.path));
  return item;
}

/** A capture that the user saved. */
export function savedItem(saved: SavedCapture): vscode.TreeItem {
  const { uri, stat, server, changes } = saved;
  const label = visibleLine(path.posix.basename(uri.path));
  const item = new vscode.TreeItem(label);
  item.id = `saved/${uri.toString()}`;
  if (stat === undefined) {
    item.description = 'file not found';
    item.iconPath = new vscode.ThemeIcon('warning');
    item.contextValue = 'capture.missing';
    item.tooltip = plainMarkdown([
      uri.fsPath,
      'The file was moved or deleted. Remove it from the list, or open it where it is now.',
    ]);
    item.accessibilityInformation = { label: `${label}, saved capture, file not found` };
    return item;
  }
  const size = formatBytes(stat.size);
  const age = ageOf(stat.mtime);
  item.description = parts(countOf(changes), size, age);
  item.iconPath = new vscode.ThemeIcon('file-binary');
  item.contextValue = 'capture.saved';
  item.tooltip = plainMarkdown([
    uri.fsPath,
    parts(visibleLine(server), countOf(changes), size, age),
  ]);
  item.accessibilityInformation = { label: `${label}, saved capture, ${size}, ${age}` };
  item.command = openCommand(uri);
  return item;
}

function openCommand(uri: vscode.Uri): vscode.Command {
  return {
    command: 'vscode.openWith',
    title: 'Open Capture',
    arguments: [uri, VIEWS.captureEditor],
  };
}

function ageOf(writtenMs: number): string {
  const seconds = (Date.now() - writtenMs) / 1000;
  return seconds < 60 ? 'just now' : `${formatSpan(seconds)} ago`;
}

function countOf(changes: number | null | undefined): string {
  return typeof changes === 'number' ? formatPlural(changes, 'change') : '';
}

function parts(...texts: readonly string[]): string {
  return texts.filter(text => text !== '').join(' · ');
}
