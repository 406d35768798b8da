import * as vscode from 'vscode';
import { formatLsn, parseLsn, type Lsn } from '../../base/lsn';
import { formatBytes } from '../../base/quantity';
import type { AdvanceSlot } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { positionOf, skippedBytes } from '../../postgres/changes/slotPreview';
import { advanceQuestion } from '../../postgres/changes/slotQuestions';
import { HostFailure } from '../hostFailure';
import { askPick, askText, BACK } from '../multiStep';
import { messageText } from '../messageText';
import type { ChangeParts } from './changeParts';
import type { ChangePlace } from './changePlace';
import { changePlaceOf, previewOf, slotToChange } from './changePlace';
import { confirmModal } from './confirmModal';
import { offerPreview } from './offerPreview';
import { refusalIn } from './refusals';
import { runOverridable } from './runOverridable';
import { advanceTargetProblem } from './slotProblems';

/** Asks how far and moves a slot there; gives where it stands then, `X/X`. Throws Cancelled. */
export async function advanceSlot(parts: ChangeParts, arg: unknown): Promise<string> {
  const place = await changePlaceOf(parts, arg, 'Advance a slot of which server?', 'advance-slot');
  const preview = await slotToChange(parts, place, arg, 'Advance which slot?', 'advance');
  return advance(parts, place, preview, await askTarget(preview));
}

/** Moves a slot to a position that is known, such as the end of a transaction that a peek shows. */
export async function advanceSlotTo(
  parts: ChangeParts,
  at: { readonly server: string; readonly slot: string },
  to: Lsn,
): Promise<string> {
  const place = await changePlaceOf(parts, at, '', 'advance-slot');
  const preview = await slotToChange(parts, place, at, '', 'advance');
  const problem = advanceTargetProblem(formatLsn(to), preview, to);
  if (problem !== undefined) {
    throw new HostFailure({
      code: 'advance-target',
      message: `The slot "${at.slot}" cannot be advanced to ${formatLsn(to)}.`,
      action: problem,
      detail: formatLsn(to),
    });
  }
  return advance(parts, place, preview, to);
}

/** Shows what it means, asks, and does it; where the slot moved meanwhile, shows that and asks again. */
async function advance(
  parts: ChangeParts,
  { server, where }: ChangePlace,
  first: SlotPreview,
  to: Lsn,
): Promise<string> {
  for (let preview = first; ;) {
    const { slot } = preview;
    const change: AdvanceSlot = {
      kind: 'advance-slot',
      slot: slot.name,
      to,
      expected: preview.identity,
    };
    await confirmModal({
      ...advanceQuestion(preview, to, where, Date.now()),
      statements: statementsOf(change),
    });
    try {
      const result = await runOverridable(parts, {
        server,
        database: slot.database,
        change,
        title: `Advancing the slot "${slot.name}" on ${where} to ${formatLsn(to)}`,
        action: 'Advance Slot',
        withOverride: () => change,
      });
      parts.view.reset(server);
      const reached = result.reached ?? to;
      void vscode.window.showInformationMessage(
        messageText(`The slot "${slot.name}" on ${where} stands at ${formatLsn(reached)} now.`),
      );
      return formatLsn(reached);
    } catch (error) {
      const refusal = refusalIn(error);
      if (refusal?.code !== 'slot-moved') throw error;
      parts.view.reset(server);
      await offerPreview(refusal.message);
      preview = await previewOf(parts, server, slot.name);
    }
  }
}

async function askTarget(preview: SlotPreview): Promise<Lsn> {
  const { slot, currentLsn } = preview;
  const title = `Advance Slot ${slot.name}`;
  const from = positionOf(slot);
  const now = {
    to: currentLsn,
    label: '$(target) To Now',
    description: `${formatLsn(currentLsn)} · skips ${formatBytes(skippedBytes(slot, currentLsn) ?? 0)} of WAL`,
  };
  const other = {
    to: undefined,
    label: '$(edit) To an LSN…',
    description: 'such as one copied from a timeline',
  };
  for (;;) {
    const picked = await askPick<vscode.QuickPickItem & { readonly to: Lsn | undefined }>({
      title,
      step: 1,
      totalSteps: 2,
      items: [now, other],
      placeholder: `It stands at ${from === undefined ? 'no position' : formatLsn(from)}. How far?`,
    });
    if (picked === BACK) continue;
    if (picked.to !== undefined) return picked.to;
    const text = await askText({
      title,
      step: 2,
      totalSteps: 2,
      prompt: `LSN between ${from === undefined ? '0/0' : formatLsn(from)}, where the slot stands, and ${formatLsn(currentLsn)}, where the server's WAL ends`,
      placeholder: formatLsn(currentLsn),
      validate: value => advanceTargetProblem(value, preview, parseLsn(value.trim())),
    });
    if (text === BACK) continue;
    const to = parseLsn(text.trim());
    if (to !== undefined) return to;
  }
}
