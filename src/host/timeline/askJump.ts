import * as vscode from 'vscode';
import type { JumpTarget } from '../../shared/viewSpec';
import { readJumpInput } from './jumpInput';

/** Asks where to go to; undefined when the user thought better of it. */
export async function askJump(): Promise<JumpTarget | undefined> {
  const text = await vscode.window.showInputBox({
    title: 'Go to LSN, Time or Transaction',
    prompt: 'An LSN, a commit time on this machine’s clock, or a transaction ID.',
    placeHolder: '0/16B6C50, 2026-11-20 13:00:00, 13:00 or 763',
    validateInput: value => {
      const input = readJumpInput(value, new Date());
      return 'problem' in input && input.problem !== '' ? input.problem : undefined;
    },
  });
  if (text === undefined) return undefined;
  const input = readJumpInput(text, new Date());
  return 'target' in input ? input.target : undefined;
}
