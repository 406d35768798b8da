import * as vscode from 'vscode';
import type { JumpTarget } from '../../shared/viewSpec';
import { dayOf, readJumpInput } from './jumpInput';

/** Asks where to go to; undefined when the user thought better of it. `day`: that of a time without a date. */
export async function askJump(day: Date): Promise<JumpTarget | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Go to LSN, Time or Transaction',
    prompt: `An LSN, a commit time on this machine’s clock (without a date: on ${dayOf(day)}), or a transaction ID.`,
    placeHolder: '0/16B6C50, 2026-11-20 13:00:00, 13:00 or 763',
    validateInput: value => {
      const input = readJumpInput(value, day);
      return 'problem' in input && input.problem !== '' ? input.problem : undefined;
    },
  });
  if (text === undefined) return undefined;
  const input = readJumpInput(text, day);
  return 'target' in input ? input.target : undefined;
}
