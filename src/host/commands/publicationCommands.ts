import type { Disposable } from '../../base/disposable';
import type { ChangeParts } from '../changes/changeParts';
import { createPublication } from '../changes/createPublication';
import { COMMANDS } from '../commandIds';
import { registerCommand } from './commandRunner';

/** Commands that change publications. Each asks before it does anything, whoever calls it. */
export function publicationCommands(parts: ChangeParts): readonly Disposable[] {
  return [
    registerCommand(COMMANDS.createPublication, parts.log, arg => createPublication(parts, arg)),
  ];
}
