import type { Disposable } from '../../base/disposable';
import { advanceSlot } from '../changes/advanceSlot';
import { advanceToTransaction } from '../changes/advanceToTransaction';
import type { ChangeParts } from '../changes/changeParts';
import { consumeSlot } from '../changes/consumeSlot';
import { copySlot } from '../changes/copySlot';
import { createSlot } from '../changes/createSlot';
import { dropSlot } from '../changes/dropSlot';
import { COMMANDS } from '../commandIds';
import { registerCommand } from './commandRunner';

/**
 * Commands that change slots. Each asks before it does anything, whoever calls it, and gives what it
 * made or where it came to; undefined where it did not.
 */
export function slotCommands(parts: ChangeParts): readonly Disposable[] {
  const { log } = parts;
  return [
    registerCommand(COMMANDS.createSlot, log, arg => createSlot(parts, arg)),
    registerCommand(COMMANDS.copySlot, log, arg => copySlot(parts, arg)),
    registerCommand(COMMANDS.advanceSlot, log, arg => advanceSlot(parts, arg)),
    registerCommand(COMMANDS.advanceToTransaction, log, arg => advanceToTransaction(parts, arg)),
    registerCommand(COMMANDS.consumeSlot, log, arg => consumeSlot(parts, arg)),
    registerCommand(COMMANDS.dropSlot, log, arg =>
      asksForSelected(arg) ? dropSelected(parts) : dropSlot(parts, arg),
    ),
  ];
}

/** The key's argument: what is meant is what is selected in the sidebar. */
function asksForSelected(arg: unknown): boolean {
  return typeof arg === 'object' && arg !== null && 'selected' in arg && arg.selected === true;
}

/** On another line than a slot's the key does nothing. */
async function dropSelected(parts: ChangeParts): Promise<boolean> {
  const { selected } = parts.view;
  return selected?.subject.kind === 'slot' ? dropSlot(parts, selected) : false;
}
