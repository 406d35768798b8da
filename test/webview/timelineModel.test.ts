import { beforeAll, afterAll, expect, it, vi } from 'vitest';
import { FRESH_STATE } from '../../webview/timeline/savedState';
import type { TimelinePeer } from '../../webview/timeline/timelineModel';
import { TimelineModel } from '../../webview/timeline/timelineModel';
import type { TimelineSnapshot } from '../../src/shared/timelineSnapshot';

beforeAll(() => {
  vi.stubGlobal('window', globalThis);
});
afterAll(() => vi.unstubAllGlobals());

it('a panel that is left before it is back where it was comes back there all the same', async () => {
  const snapshot = (complete: boolean) =>
    ({
      view: { view: 1, generation: 1, rows: 1000, complete, matched: 0, changes: 0 },
      source: {},
      session: null,
      capture: { messages: 1000, transactions: 0, bytes: 0, cutChanges: 0, rate: 0, error: '' },
    }) as unknown as TimelineSnapshot;
  let locate: (place: { row: number }) => void = () => undefined;
  const located = new Promise<{ row: number }>(resolve => (locate = resolve));
  const answers: Readonly<Record<string, () => unknown>> = {
    ready: () => snapshot(false),
    locate: () => located,
    bookmarks: () => ({ bookmarks: [] }),
    colorRules: () => ({ rules: [] }),
    facets: () => ({ tables: [] }),
    rows: () => new Promise(() => undefined),
  };
  const told: Record<string, (value: unknown) => void> = {};
  const peer = {
    on: (name: string, listener: (value: unknown) => void) => (told[name] = listener),
    call: (name: string) => Promise.resolve(answers[name]?.()),
  } as unknown as TimelinePeer;
  const nothing = () => undefined;
  const owner = { changed: nothing, told: nothing, rowsArrived: nothing };
  const saved = { ...FRESH_STATE, follow: false, anchor: 700 };
  const model = new TimelineModel(peer, saved, owner);
  await model.start();
  // The list draws from its beginning while it is counted, and says what it shows.
  model.setAnchor(0);
  expect(model.anchor).toBe(700);
  told['snapshot']?.(snapshot(true));
  model.setAnchor(0);
  expect(model.anchor).toBe(700);
  locate({ row: 650 });
  await vi.waitFor(() => {
    expect(model.reveal).toEqual({ row: 650, exact: true });
  });
  model.setAnchor(0);
  expect(model.anchor).toBe(700);
  // The list is there.
  model.reveal = undefined;
  model.setAnchor(701);
  expect(model.anchor).toBe(701);
});
