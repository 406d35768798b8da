/// <reference types="node" />
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { TestPage } from './testPage';
import { TestPages } from './testPage';

/** Where pictures of what was seen are kept. */
export const RESULTS = path.resolve(import.meta.dirname, '../results');

type Query = Readonly<Record<string, string>>;

/** Pages for the tests of a block, each opened by who wants one. */
interface OpenedPages {
  readonly open: (query?: Query) => Promise<TestPage>;
}

export function usePages(): OpenedPages {
  let pages: TestPages;
  beforeAll(async () => {
    mkdirSync(RESULTS, { recursive: true });
    pages = await TestPages.start();
  });
  afterAll(() => pages.stop());
  return { open: query => pages.open(query) };
}

/** A page for each test of a block: `opened` brings it where the test begins; in the end it has told no error. */
export function useOwnPage(
  { open }: OpenedPages,
  query: Query,
  opened: (page: Page) => void | Promise<void>,
): void {
  let page: Page;
  let errors: readonly string[];
  beforeEach(async () => {
    ({ page, errors } = await open(query));
    await opened(page);
  });
  afterEach(async () => {
    expect(errors).toEqual([]);
    await page.close();
  });
}
