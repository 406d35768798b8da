import * as vscode from 'vscode';
import type { ChangeResult } from '../../postgres/changes/changeResult';
import { ChangeCancelled } from '../../postgres/changes/changeResult';
import type { ServerChange } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import { WriteRefused } from '../../postgres/changes/writeRefused';
import { Cancelled } from '../hostFailure';
import { messageText } from '../messageText';
import type { ChangeParts } from './changeParts';
import type { ChangeRun } from './changeRunner';
import { confirmModal } from './confirmModal';

export interface OverridableRun extends ChangeRun {
  /** What the button did that led here, such as `Create Slot`. */
  readonly action: string;
  /** The same change for somebody who was asked and wants it all the same. */
  readonly withOverride: () => ServerChange;
}

/**
 * Makes a change, and asks once more where the gate leaves it to a person. Giving it up is told in a
 * sentence and throws {@link Cancelled}.
 */
export async function runOverridable(
  parts: ChangeParts,
  run: OverridableRun,
): Promise<ChangeResult> {
  try {
    return await parts.runner.run(run);
  } catch (error) {
    if (error instanceof ChangeCancelled) throw tellCancelled(error);
    if (!(error instanceof WriteRefused) || !error.overridable) throw error;
    const change = run.withOverride();
    await confirmModal({
      message: error.message,
      lines: [],
      statements: statementsOf(change),
      action: `${run.action} All the Same`,
    });
    try {
      return await parts.runner.run({ ...run, change });
    } catch (again) {
      if (again instanceof ChangeCancelled) throw tellCancelled(again);
      throw again;
    }
  }
}

/** Says what became of a change that was given up; to be thrown, so that nothing else is said. */
export function tellCancelled(error: ChangeCancelled): Cancelled {
  void vscode.window.showInformationMessage(messageText(error.message));
  return new Cancelled();
}
