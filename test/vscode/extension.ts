import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ExtensionApi, TimelineInfo } from '../../src/host/walExplorer';
import type { SidebarNode } from '../../src/host/sidebar/sidebarNode';

export function theExtension(): vscode.Extension<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>('pg-wal-explorer.pg-wal-explorer');
  assert.ok(extension, 'the extension is not installed');
  return extension;
}

export async function theApi(): Promise<ExtensionApi> {
  return theExtension().activate();
}

/** Waits until `read` gives something; fails with what it says after `seconds`. */
export async function eventually<T>(
  what: string,
  read: () => T | undefined | Promise<T | undefined>,
  seconds = 15,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await read();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(50);
  }
}

/** The children of a node of the sidebar, as it would show them. */
export async function childrenOf(node?: SidebarNode): Promise<readonly SidebarNode[]> {
  const { serversTree } = await theApi();
  return (await serversTree.getChildren(node)) ?? [];
}

/** Goes down the sidebar by labels. */
export async function nodeAt(...labels: readonly string[]): Promise<SidebarNode> {
  let node: SidebarNode | undefined;
  for (const label of labels) {
    const children = await childrenOf(node);
    const found = children.find(child => child.label === label);
    assert.ok(
      found,
      `no "${label}" among ${children.map(child => `"${child.label}: ${child.description}"`).join(', ')}`,
    );
    node = found;
  }
  assert.ok(node);
  return node;
}

export async function timelineOf(id: number): Promise<TimelineInfo | undefined> {
  return (await theApi()).timelines().find(timeline => timeline.id === id);
}

/** Waits until a timeline's state is as wished; a failed session fails the wait at once. */
export async function timelineThat(
  id: number,
  what: string,
  isSo: (timeline: TimelineInfo) => boolean,
  seconds = 20,
): Promise<TimelineInfo> {
  let last: TimelineInfo | undefined;
  try {
    return await eventually(
      what,
      async () => {
        last = await timelineOf(id);
        return last !== undefined && isSo(last) ? last : undefined;
      },
      seconds,
    );
  } catch (error) {
    const snapshot = JSON.stringify(last?.snapshot);
    throw new Error(`${String(error)}; it is ${snapshot}`, { cause: error });
  }
}

/** Adds a server the way another extension does; gives its name. */
export async function addServer(server: {
  readonly url: string;
  readonly name: string;
  readonly readOnly?: boolean;
}): Promise<string> {
  const name = await vscode.commands.executeCommand<string>('walExplorer.server.add', server);
  assert.equal(name, server.name);
  // Settings settle a moment after they were written.
  await eventually('the server is in the sidebar', async () =>
    (await childrenOf()).find(child => child.label === name),
  );
  return name;
}
