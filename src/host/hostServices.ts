import type * as vscode from 'vscode';
import type { SavedCaptures } from './timeline/savedCaptures';
import type { CaptureStore } from './timeline/captureStore';
import type { BookmarkMemory } from './timeline/bookmarkMemory';
import type { FilterMemory } from './timeline/filterMemory';
import type { TimelineLayouts } from './timeline/timelineLayouts';
import type { ColumnMasks } from './connections/columnMasks';
import type { Servers } from './connections/servers';

/** What the parts of the extension share; made once by the composition root and passed on. */
export interface HostServices {
  readonly extensionUri: vscode.Uri;
  readonly log: vscode.LogOutputChannel;
  readonly servers: Servers;
  readonly masks: ColumnMasks;
  readonly captures: CaptureStore;
  readonly savedCaptures: SavedCaptures;
  readonly layouts: TimelineLayouts;
  readonly filters: FilterMemory;
  readonly bookmarks: BookmarkMemory;
  /** Absolute paths of the workers' bundles. */
  readonly recorderFile: string;
  readonly readerFile: string;
}
