import * as vscode from 'vscode';
import type { DropSlot } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import { dropQuestion } from '../../postgres/changes/slotQuestions';
import type { ChangeParts } from './changeParts';
import { changePlaceOf, previewOf, slotToChange } from './changePlace';
import { confirmModal } from './confirmModal';
import { offerPreview } from './offerPreview';
import { refusalIn } from './refusals';
import { runOverridable } from './runOverridable';

/** Drops a slot after naming what goes with it. Throws Cancelled. */
export async function dropSlot(parts: ChangeParts, arg: unknown): Promise<boolean> {
  const place = await changePlaceOf(parts, arg, 'Drop a slot of which server?', 'drop-slot');
  const { server, where } = place;
  let preview = await slotToChange(parts, place, arg, 'Drop which slot?', 'drop');
  for (;;) {
    const { slot } = preview;
    const change: DropSlot = {
      kind: 'drop-slot',
      slot: slot.name,
      expected: preview.identity,
      // The question says so.
      ...(preview.endsLogicalDecoding ? { override: true } : {}),
    };
    await confirmModal({
      ...dropQuestion(preview, where, Date.now()),
      statements: statementsOf(change),
    });
    try {
      await runOverridable(parts, {
        server,
        database: undefined,
        change,
        title: `Dropping the slot "${slot.name}" on ${where}`,
        action: 'Drop Slot',
        withOverride: () => ({ ...change, override: true }),
      });
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal?.code !== 'slot-moved') throw error;
      await offerPreview(refusal.message);
      preview = await previewOf(parts, server, slot.name);
      continue;
    }
    vscode.window.setStatusBarMessage(`$(check) Slot ${slot.name} dropped`, 5000);
    parts.view.reset(server);
    return true;
  }
}
