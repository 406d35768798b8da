import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { COMMANDS, VIEWS } from '../../../src/host/commandIds';

interface MenuEntry {
  readonly command?: string;
  readonly when?: string;
}

interface Manifest {
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly customEditors: readonly { readonly viewType: string }[];
    readonly menus: Readonly<Record<string, readonly MenuEntry[]>>;
    readonly configuration: {
      readonly properties: Readonly<
        Record<string, { readonly default?: unknown; readonly description?: string }>
      >;
    };
  };
}

const manifest = JSON.parse(await readFile('package.json', 'utf8')) as Manifest;
const { contributes } = manifest;

describe('package.json', () => {
  it('declares the same commands as the table', () => {
    const declared = contributes.commands.map(command => command.command);
    expect([...declared].sort()).toEqual(Object.values(COMMANDS).sort());
    expect(new Set(declared).size).toBe(declared.length);
  });

  it('names commands object before verb, with a title in title case', () => {
    for (const { command, title, category } of contributes.commands) {
      expect(command).toMatch(/^walExplorer\.[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/);
      // Small words stay small, as everywhere in VS Code.
      expect(title).toMatch(/^[A-Z]\w*(,? ([A-Z]\w*|to|of|by|in|as|from|the|or))*…?$/);
      expect(category).toBe('WAL Explorer');
    }
  });

  it('has no menu entry for a command that does not exist', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    for (const entries of Object.values(contributes.menus)) {
      for (const entry of entries) expect(known).toContain(entry.command);
    }
  });

  it('declares the views and editors that the code registers', () => {
    const views = Object.values(contributes.views).flatMap(list => list.map(view => view.id));
    expect(views.sort()).toEqual([VIEWS.captures, VIEWS.servers].sort());
    expect(contributes.customEditors.map(editor => editor.viewType)).toEqual([VIEWS.captureEditor]);
    expect(manifest.activationEvents).toEqual([`onWebviewPanel:${VIEWS.timelinePanel}`]);
  });

  it('gives every setting a default and a description', () => {
    for (const [name, setting] of Object.entries(contributes.configuration.properties)) {
      expect(name).toMatch(/^walExplorer\./);
      expect(setting.default, name).toBeDefined();
      expect(setting.description, name).toBeTruthy();
    }
  });

  it('takes no server from an untrusted workspace', () => {
    const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    expect(restrictedConfigurations).toContain('walExplorer.servers');
  });
});
