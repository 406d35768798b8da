import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { consumeQuestion } from '../../postgres/changes/slotQuestions';
import { changeSince } from '../../postgres/changes/slotState';
import { isTextPlugin } from '../../shared/textPlugin';
import { publicationsOfSlot } from '../commands/askPublications';
import { HostFailure } from '../hostFailure';
import type { ChangeParts } from './changeParts';
import type { ChangePlace } from './changePlace';
import { changePlaceOf, previewOf, slotToChange } from './changePlace';
import { confirmModal } from './confirmModal';
import { offerPreview } from './offerPreview';
import { slotProblem } from './slotProblems';

/** Reads a slot for good, into a timeline of its own; gives the timeline's number. Throws Cancelled. */
export async function consumeSlot(parts: ChangeParts, arg: unknown): Promise<number> {
  const place = await changePlaceOf(parts, arg, 'Consume a slot of which server?', 'consume-slot');
  const preview = await slotToChange(parts, place, arg, 'Consume which slot?', 'consume');
  const { slot } = preview;
  const { name, database, plugin } = slot;
  const isReadable = plugin === 'pgoutput' || (plugin !== undefined && isTextPlugin(plugin));
  if (database === undefined || !isReadable) {
    throw new HostFailure({
      code: 'plugin-unknown',
      message: `The slot "${name}" is decoded by ${plugin ?? 'no plugin'}: only slots of pgoutput, test_decoding and wal2json can be consumed here.`,
      action: 'Peek at it instead.',
      detail: name,
    });
  }
  const at = { server: place.server, database, slot: name };
  const publications = plugin === 'pgoutput' ? await publicationsOfSlot(parts, at) : [];
  await confirmUnchanged(parts, place, preview, publications);
  const { server } = place;
  parts.log.info(`${server}: consuming the slot "${name}" of database ${database}`);
  return parts.timelines.start({
    kind: 'consume',
    server,
    database,
    slot: name,
    plugin,
    publications,
  }).id;
}

/** Asks, and asks anew where the slot is not what was shown any more: the question may have stood for hours. */
async function confirmUnchanged(
  parts: ChangeParts,
  { server, where }: ChangePlace,
  first: SlotPreview,
  publications: readonly string[],
): Promise<void> {
  for (let shown = first; ;) {
    await confirmModal({
      ...consumeQuestion(shown.slot, publications, where, Date.now()),
      statements: [],
    });
    const now = await previewOf(parts, server, shown.slot.name);
    const problem = slotProblem(now.slot, 'consume');
    if (problem !== undefined) throw new HostFailure(problem);
    const change = changeSince(now.slot, shown.identity);
    if (change === undefined) return;
    await offerPreview(change);
    shown = now;
  }
}
