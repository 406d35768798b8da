import type { SlotInfo } from '../../postgres/catalog/slots';
import type { SlotPreview } from '../../postgres/changes/slotPreview';
import { consumeQuestion } from '../../postgres/changes/slotQuestions';
import { changeSince } from '../../postgres/changes/slotState';
import { Cancelled, HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import { askPicks, BACK } from '../multiStep';
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
  if (database === undefined || plugin !== 'pgoutput') {
    throw new HostFailure({
      code: 'plugin-unknown',
      message: `The slot "${name}" is decoded by ${plugin ?? 'no plugin'}: only slots of pgoutput can be consumed here.`,
      action: 'Peek at it instead.',
      detail: name,
    });
  }
  const publications = await publicationsOf(parts, place, database, slot);
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

/** Those of the last peek, else the only ones, else a question. */
async function publicationsOf(
  parts: ChangeParts,
  { server }: ChangePlace,
  database: string,
  slot: SlotInfo,
): Promise<readonly string[]> {
  const names = await parts.catalog.publicationNames(server, database);
  const last = parts.memory.publications(server, slot.name).filter(name => names.includes(name));
  if (last.length > 0) return last;
  if (names.length === 0) {
    throw new HostFailure({
      code: 'no-publication',
      message: `The database ${database} has no publication, so there is nothing to decode.`,
      action: 'Create a publication first.',
      detail: database,
    });
  }
  if (names.length === 1) return names;
  const items = names.map(name => ({ name, label: messageText(name) }));
  const picked = await askPicks({
    title: `Which publications does the consumer of ${slot.name} use?`,
    step: 1,
    totalSteps: 1,
    items,
    placeholder: 'Choose one or more, then OK',
    selected: [],
  });
  if (picked === BACK) throw new Cancelled();
  return picked.map(item => item.name);
}
