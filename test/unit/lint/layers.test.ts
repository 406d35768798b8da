import path from 'node:path';
import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { LAYERS, layersRule } from '../../../scripts/lint/layers.mjs';

const root = path.resolve(__dirname, '../../..');

/** What the rule says about one line of code in one file of the project. */
function lint(file: string, code: string): readonly string[] {
  const linter = new Linter({ cwd: root });
  const messages = linter.verify(
    code,
    [
      {
        files: ['**/*.ts'],
        plugins: { walexplorer: { rules: { layers: layersRule } } },
        rules: { 'walexplorer/layers': 'error' },
      },
    ],
    path.join(root, file),
  );
  return messages.map(m => m.message);
}

describe('layers', () => {
  it.each([
    ['src/base/lsn.ts', `import { Brand } from './brand';`],
    ['src/postgres/sqlSession.ts', `import { Client } from 'pg';`],
    ['src/capture/captureFile.ts', `import { x } from '../logical/relation';`],
    ['src/capture/captureFile.ts', `import fs from 'node:fs/promises';`],
    ['src/host/tree/serverTree.ts', `import * as vscode from 'vscode';`],
    ['src/extension.ts', `import { activate } from './host/activate';`],
    ['webview/timeline/row.ts', `import { html } from 'lit/html.js';`],
    ['webview/timeline/row.ts', `import { x } from '../../src/shared/timelineApi';`],
    ['webview/timeline/row.ts', `import { x } from '../virtualList';`],
    ['test/unit/anything.test.ts', `import { x } from '../../src/host/y';`],
  ])('%s may: %s', (file, code) => {
    expect(lint(file, code)).toEqual([]);
  });

  it.each([
    ['src/base/lsn.ts', `import { x } from '../shared/rpc';`, 'may not import shared'],
    ['src/base/lsn.ts', `import fs from 'node:fs';`, 'may not import node:fs'],
    ['src/logical/relation.ts', `import { x } from '../capture/view';`, 'may not import capture'],
    ['src/capture/view.ts', `import { x } from '../session/tail';`, 'may not import session'],
    ['src/session/tail.ts', `import * as vscode from 'vscode';`, 'the package vscode'],
    ['src/host/tree.ts', `import { x } from '../capture/view';`, 'may not import capture'],
    ['src/cli/main.ts', `import { x } from '../host/log';`, 'may not import host'],
    ['src/cli/main.ts', `export { x } from '../worker/reader';`, 'may not import worker'],
    ['src/cli/main.ts', `const x = import('pg');`, 'the package pg'],
    ['webview/timeline/row.ts', `import { x } from '../../src/capture/view';`, 'may not import'],
    ['webview/timeline/row.ts', `import fs from 'node:fs';`, 'may not import node:fs'],
    ['src/extras/thing.ts', `import { x } from '../base/lsn';`, 'is not a layer'],
    ['src/host/tree.ts', `import { x } from '../../scripts/start';`, 'may not import'],
  ])('%s may not: %s', (file, code, why) => {
    expect(lint(file, code).join()).toContain(why);
  });

  it('lets imports point down only', () => {
    const order = Object.keys(LAYERS);
    const depth = (name: string, seen: readonly string[] = []): number => {
      expect(seen, `cycle through ${name}`).not.toContain(name);
      const may = LAYERS[name]?.may ?? [];
      return 1 + Math.max(0, ...may.map(below => depth(below, [...seen, name])));
    };
    expect(order.map(name => depth(name)).every(d => d > 0)).toBe(true);
  });
});
