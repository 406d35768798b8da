// Runs in the demo's VS Code beside the packed extension: opens its sidebar and starts one tail, as
// a person would by two clicks. What to tail comes in the environment of the server.
'use strict';
const vscode = require('vscode');

const TIMELINE = /walExplorer\.timeline/;

/** A reloaded page brings back the timeline of its last visit, which has ended. */
async function closeOldTimelines() {
  const old = vscode.window.tabGroups.all
    .flatMap(group => group.tabs)
    .filter(tab => TIMELINE.test(tab.input?.viewType ?? ''));
  if (old.length > 0) await vscode.window.tabGroups.close(old);
}

async function activate() {
  const text = process.env.WALEXPLORER_DEMO;
  if (text === undefined) return;
  const { server, database, publications } = JSON.parse(text);
  await closeOldTimelines();
  await vscode.commands.executeCommand('workbench.view.extension.walExplorer');
  if (publications.length === 0) return;
  await vscode.commands.executeCommand('walExplorer.publication.tail', {
    kind: 'tail',
    server,
    database,
    publications,
  });
}

module.exports = { activate };
