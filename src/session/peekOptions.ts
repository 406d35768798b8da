import type { ConsumerOptions } from '../postgres/catalog/consumerOptions';
import { parseConsumerCommand } from '../postgres/catalog/consumerOptions';
import { readPublications } from '../postgres/catalog/publications';
import type { SlotInfo } from '../postgres/catalog/slots';
import type { SqlSession } from '../postgres/sqlSession';
import type { PgoutputOptions } from '../shared/session';
import { requirePublications } from './publicationCheck';
import type { ConsumeRequest, PeekRequest } from './sessionRequest';
import { SessionEnded } from './sessionRequest';
import { otherPluginOptions, pgoutputStartOptions } from './startOptions';

/** What a peek or a consume says about the options of the plugin. */
type OptionsRequest = Pick<PeekRequest | ConsumeRequest, 'options' | 'streaming' | 'binary'>;

export interface PeekOptions {
  /** Empty for a plugin that knows none. */
  readonly publications: readonly string[];
  readonly startOptions: Readonly<Record<string, string>>;
  /** Where they come from, for the user; empty when they were given. */
  readonly remark: string;
}

/** What to ask the slot's plugin for: as given, else as its consumer does, else what is the only choice. */
export async function choosePeekOptions(
  side: SqlSession,
  slot: SlotInfo,
  request: OptionsRequest,
): Promise<PeekOptions> {
  const given = request.options;
  const consumer = slot.consumer?.query === undefined ? undefined : consumerOf(slot.consumer.query);
  if (slot.plugin !== 'pgoutput' && request.binary === true) throw noBinaryForm(slot);
  if (slot.plugin !== 'pgoutput') return otherOptions(side, slot.plugin ?? '', consumer);
  if (given !== undefined) return pgoutputOptions(side, given, request, '');
  if (consumer !== undefined && consumer.publications.length > 0) {
    const { publications } = consumer;
    const remark = `Publications as its consumer has them: ${publications.join(', ')}`;
    return pgoutputOptions(side, { publications }, request, remark);
  }
  const only = await onlyPublication(side, slot);
  const remark = `Publication ${only}: the only one of the database`;
  return pgoutputOptions(side, { publications: [only] }, request, remark);
}

function noBinaryForm({ name, plugin }: SlotInfo): SessionEnded {
  return SessionEnded.failed({
    code: 'binary-unknown',
    message: `The slot ${JSON.stringify(name)} is decoded by ${plugin ?? ''}, which sends values as text only`,
    action: 'Leave --binary out: it is for pgoutput.',
    detail: '',
  });
}

/** A command that was cut short may lack publications: better ask than show too little. */
function consumerOf(query: string): ConsumerOptions | undefined {
  const options = parseConsumerCommand(query);
  return options?.isComplete === true ? options : undefined;
}

async function pgoutputOptions(
  side: SqlSession,
  options: PgoutputOptions,
  form: OptionsRequest,
  remark: string,
): Promise<PeekOptions> {
  await requirePublications(side, options.publications);
  const { publications } = options;
  return { publications, startOptions: pgoutputStartOptions(options, form), remark };
}

function otherOptions(
  side: SqlSession,
  plugin: string,
  consumer: ConsumerOptions | undefined,
): PeekOptions {
  if (consumer === undefined) {
    const startOptions = otherPluginOptions(plugin, side.serverVersionNum);
    return { publications: [], startOptions, remark: '' };
  }
  const startOptions = consumer.options.map(([name, value]) => [name, value ?? 'on'] as const);
  return {
    publications: [],
    startOptions: Object.fromEntries(startOptions),
    remark: 'Options as its consumer has them',
  };
}

async function onlyPublication(side: SqlSession, slot: SlotInfo): Promise<string> {
  const names = (await readPublications(side)).map(({ name }) => name);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  const list = names.map(name => JSON.stringify(name)).join(', ');
  throw SessionEnded.failed({
    code: 'publication-not-chosen',
    message: `Nothing shows which publications the slot ${JSON.stringify(slot.name)} is read with`,
    action:
      only === undefined
        ? `The database ${JSON.stringify(slot.database ?? '')} has no publication.`
        : `Choose one or several of: ${list}.`,
    detail: '',
  });
}
