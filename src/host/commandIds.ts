/**
 * Every command of the extension: `walExplorer.<object>.<verb>`. package.json declares the same ones;
 * a unit test compares the two.
 */
export const COMMANDS = {
  addServer: 'walExplorer.server.add',
  editServers: 'walExplorer.server.edit',
  removeServer: 'walExplorer.server.remove',
  forgetPassword: 'walExplorer.server.forgetPassword',
  refresh: 'walExplorer.server.refresh',
  copyServerLsn: 'walExplorer.server.copyLsn',
  tail: 'walExplorer.publication.tail',
  tailDatabase: 'walExplorer.database.tail',
  peek: 'walExplorer.slot.peek',
  copySlotRestartLsn: 'walExplorer.slot.copyRestartLsn',
  copySlotFlushLsn: 'walExplorer.slot.copyConfirmedFlushLsn',
  copyName: 'walExplorer.item.copyName',
  openCapture: 'walExplorer.capture.open',
  openSample: 'walExplorer.capture.openSample',
  saveCapture: 'walExplorer.capture.save',
  revealCapture: 'walExplorer.capture.reveal',
  forgetCapture: 'walExplorer.capture.forget',
  deleteCapture: 'walExplorer.capture.delete',
  deleteAllCaptures: 'walExplorer.capture.deleteAll',
  showTimeline: 'walExplorer.timeline.show',
  stopTimeline: 'walExplorer.timeline.stop',
  showLog: 'walExplorer.log.show',
  openWalkthrough: 'walExplorer.walkthrough.open',
} as const;

export type CommandId = (typeof COMMANDS)[keyof typeof COMMANDS];

/** View, editor and panel ids; part of users' layouts, so they never change. */
export const VIEWS = {
  servers: 'walExplorer.servers',
  captures: 'walExplorer.captures',
  timelinePanel: 'walExplorer.timeline',
  captureEditor: 'walExplorer.captureEditor',
} as const;
