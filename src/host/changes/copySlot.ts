import { slotNameProblem } from '../../postgres/changes/changeNames';
import type { ChangeFacts } from '../../postgres/changes/changeFacts';
import { readChangeFacts } from '../../postgres/changes/changeFacts';
import type { CopySlot } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { slotKind } from '../../postgres/changes/slotQuestions';
import { formatBytes } from '../../base/quantity';
import type { Step } from '../multiStep';
import { askInSteps, askPick, askText, BACK } from '../multiStep';
import type { ChangeParts } from './changeParts';
import type { ChangePlace } from './changePlace';
import { changePlaceOf, slotToChange } from './changePlace';
import { askConfirmation } from './confirmStep';
import { pluginItems, takenProblem } from './createSlot';
import { runOverridable } from './runOverridable';
import { showSlot } from './showResult';

interface Draft {
  readonly slot: string;
  /** Empty: the source's own. */
  readonly plugin: string;
}

const TITLE = 'Copy Slot';

/** Asks for the name of a copy, makes it and shows it. Throws Cancelled. */
export async function copySlot(parts: ChangeParts, arg: unknown): Promise<string> {
  const place = await changePlaceOf(parts, arg, 'Copy a slot of which server?', 'copy-slot');
  const preview = await slotToChange(parts, place, arg, 'Copy which slot?', 'copy');
  const { server, where } = place;
  const source = preview.slot;
  const facts = await parts.servers.use(server, undefined, readChangeFacts);
  const draft = await askInSteps<Draft>(
    `${TITLE} ${source.name} on ${where}`,
    { slot: '', plugin: '' },
    [
      askName(source.name, facts),
      ...(source.type === 'logical' ? [askPlugin(source.plugin ?? '', facts)] : []),
      confirm(place, preview),
    ],
  );
  const change = changeOf(preview, draft);
  await runOverridable(parts, {
    server,
    database: source.database,
    change,
    title: `Copying the slot "${source.name}" to "${draft.slot}" on ${where}`,
    action: TITLE,
    withOverride: () => ({ ...change, override: true }),
  });
  await showSlot(parts, server, draft.slot);
  return draft.slot;
}

function changeOf({ slot }: SlotPreview, draft: Draft): CopySlot {
  return {
    kind: 'copy-slot',
    type: slot.type,
    source: slot.name,
    slot: draft.slot,
    ...(draft.plugin === '' ? {} : { plugin: draft.plugin }),
  };
}

function askName(source: string, facts: ChangeFacts): Step<Draft> {
  return async (draft, place) => {
    const slot = await askText({
      ...place,
      prompt: `Name of the copy of ${source}`,
      placeholder: `such as ${source.slice(0, 58)}_copy`,
      value: draft.slot,
      validate: text => slotNameProblem(text) ?? takenProblem(text, facts.slotNames),
    });
    return slot === BACK ? BACK : { ...draft, slot };
  };
}

function askPlugin(own: string, facts: ChangeFacts): Step<Draft> {
  const others = facts.plugins.filter(plugin => plugin.name !== own);
  return async (draft, place) => {
    const items = [
      { plugin: '', label: own, description: 'as the slot itself' },
      ...pluginItems(others),
    ];
    const active = items.find(item => item.plugin === draft.plugin);
    const item = await askPick({
      ...place,
      items,
      placeholder: 'Which output plugin shall the copy have?',
      ...(active === undefined ? {} : { active }),
    });
    return item === BACK ? BACK : { ...draft, plugin: item.plugin };
  };
}

function confirm({ where }: ChangePlace, preview: SlotPreview): Step<Draft> {
  const { slot } = preview;
  const kept =
    slot.retainedBytes === undefined
      ? ''
      : ` It begins where ${slot.name} stands: ${formatBytes(slot.retainedBytes)} of WAL.`;
  const lost = [...(slot.twoPhase ? ['two-phase'] : []), ...(slot.failover ? ['failover'] : [])];
  const without = lost.length === 0 ? '' : ` The copy is without ${lost.join(' and ')}.`;
  return async (draft, place) => {
    const answer = await askConfirmation({
      ...place,
      action: TITLE,
      summary: [draft.slot, draft.plugin === '' ? slotKind(slot) : draft.plugin, where].join(' · '),
      consequence: `It keeps WAL until someone reads it or drops it.${kept}${without}`,
      statements: statementsOf(changeOf(preview, draft)),
    });
    return answer === BACK ? BACK : draft;
  };
}
