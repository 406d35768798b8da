import * as vscode from 'vscode';
import type { ChangeResult } from '../../postgres/changes/changeResult';
import type { ServerChange } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import { Cancelled } from '../hostFailure';
import { messageText } from '../messageText';
import type { ChangeParts } from './changeParts';
import type { ChangeRun } from './changeRunner';
import { confirmModal } from './confirmModal';
import { cancellationIn, refusalIn } from './refusals';

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
    const refusal = refusalIn(error);
    if (refusal?.overridable !== true) throw orCancelled(error);
    const change = run.withOverride();
    await confirmModal({
      message: refusal.message,
      lines: [],
      statements: statementsOf(change),
      action: `${run.action} All the Same`,
    });
    try {
      return await parts.runner.run({ ...run, change });
    } catch (again) {
      throw orCancelled(again);
    }
  }
}

function orCancelled(error: unknown): unknown {
  const cancelled = cancellationIn(error);
  return cancelled === undefined ? error : tellCancelled(cancelled);
}

/** Says what became of a change that was given up; to be thrown, so that nothing else is said. */
function tellCancelled(error: Error): Cancelled {
  void vscode.window.showInformationMessage(messageText(error.message));
  return new Cancelled();
}
