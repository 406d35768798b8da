import type * as vscode from 'vscode';
import type { ProfileStore } from '../connections/profileStore';
import type { Servers } from '../connections/servers';
import type { ServerCatalog } from '../sidebar/serverCatalog';
import type { ServersView } from '../sidebar/serversView';
import type { PeekMemory } from '../timeline/peekMemory';
import type { Timelines } from '../timeline/timelines';
import type { ChangeRunner } from './changeRunner';

/** What the commands need that change a server. */
export interface ChangeParts {
  readonly profiles: ProfileStore;
  readonly servers: Servers;
  readonly catalog: ServerCatalog;
  readonly view: ServersView;
  readonly timelines: Timelines;
  readonly memory: PeekMemory;
  readonly runner: ChangeRunner;
  readonly log: vscode.LogOutputChannel;
}
