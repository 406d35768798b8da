/**
 * Every command of the extension: `walExplorer.<object>.<verb>`. package.json declares the same ones;
 * a unit test compares the two.
 */
export const COMMANDS = {
  addServer: 'walExplorer.server.add',
  addSuggestedServer: 'walExplorer.server.addSuggested',
  editServer: 'walExplorer.server.edit',
  renameServer: 'walExplorer.server.rename',
  markServer: 'walExplorer.server.mark',
  duplicateServer: 'walExplorer.server.duplicate',
  testServer: 'walExplorer.server.test',
  moveServerUp: 'walExplorer.server.moveUp',
  moveServerDown: 'walExplorer.server.moveDown',
  editServers: 'walExplorer.server.openSettings',
  removeServer: 'walExplorer.server.remove',
  forgetPassword: 'walExplorer.server.forgetPassword',
  refresh: 'walExplorer.server.refresh',
  copyServerLsn: 'walExplorer.server.copyLsn',
  tail: 'walExplorer.publication.tail',
  tailDatabase: 'walExplorer.database.tail',
  peek: 'walExplorer.slot.peek',
  copySlotRestartLsn: 'walExplorer.slot.copyRestartLsn',
  copySlotFlushLsn: 'walExplorer.slot.copyConfirmedFlushLsn',
  filterList: 'walExplorer.list.filter',
  clearListFilter: 'walExplorer.list.clearFilter',
  showMore: 'walExplorer.list.showMore',
  retryItem: 'walExplorer.item.retry',
  createSlot: 'walExplorer.slot.create',
  copySlot: 'walExplorer.slot.copy',
  advanceSlot: 'walExplorer.slot.advance',
  consumeSlot: 'walExplorer.slot.consume',
  dropSlot: 'walExplorer.slot.drop',
  createPublication: 'walExplorer.publication.create',
  advanceToTransaction: 'walExplorer.timeline.advanceTo',
  filterList: 'walExplorer.list.filter',
  clearListFilter: 'walExplorer.list.clearFilter',
  showMore: 'walExplorer.list.showMore',
  retryItem: 'walExplorer.item.retry',
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
