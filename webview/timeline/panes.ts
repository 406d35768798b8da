import { html } from 'lit';
import type { TemplateResult } from 'lit';
import './bookmarkList';
import { MARKS_PANE } from './marksPane';
import './statisticsPane';
import type { TimelineModel } from './timelineModel';
import './wirePane';

/** What the second part of the split shows instead of the detail, as long as its toggle is pressed. */
export interface Pane {
  /** Also of its toggle in the toolbar: `pane-<id>`. Kept in the saved state, so it never changes. */
  readonly id: string;
  readonly label: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** `revision` rises with each drawing: what the pane shows of the model may have changed. */
  readonly render: (model: TimelineModel, revision: number) => TemplateResult;
}

/** The pane that is about the selected row; it is open while a row is selected, and has no toggle. */
export const DETAIL_PANE = 'detail';

/** All panes besides the detail, in the order of their toggles. One entry each, with its own component. */
export const PANES: readonly Pane[] = [
  {
    id: MARKS_PANE,
    label: 'Marks',
    icon: 'milestone',
    render: (model, revision) =>
      html`<wal-marks-pane .model=${model} .revision=${revision}></wal-marks-pane>`,
  },
  {
    id: 'bookmarks',
    label: 'Bookmarks',
    icon: 'bookmark',
    render: (model, revision) =>
      html`<wal-bookmark-list .model=${model} .revision=${revision}></wal-bookmark-list>`,
  },
  {
    id: 'statistics',
    label: 'Statistics',
    icon: 'pulse',
    render: (model, revision) =>
      html`<wal-statistics .model=${model} .revision=${revision}></wal-statistics>`,
  },
  {
    id: 'wire',
    label: 'Wire',
    icon: 'arrow-swap',
    render: (model, revision) =>
      html`<wal-wire-pane .model=${model} .revision=${revision}></wal-wire-pane>`,
  },
];

/** The pane of this id; undefined for the detail, also where another version had a pane of that id. */
export function paneOf(id: string): Pane | undefined {
  return PANES.find(pane => pane.id === id);
}
