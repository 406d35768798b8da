import { formatCount, formatPlural } from '../../base/quantity';
import { publicationNameProblem } from '../../postgres/changes/changeNames';
import type { ChangeFacts } from '../../postgres/changes/changeFacts';
import { readChangeFacts } from '../../postgres/changes/changeFacts';
import type {
  CreatePublication,
  PublicationDraft,
  PublicationScope,
} from '../../postgres/changes/publicationChange';
import { PUBLICATION_OPERATIONS } from '../../postgres/changes/publicationChange';
import type { PublicationPreview, TableRemark } from '../../postgres/changes/publicationPreview';
import { readPublicationPreview } from '../../postgres/changes/publicationPreview';
import { statementsOf } from '../../postgres/changes/serverChange';
import { HostFailure } from '../hostFailure';
import type { Step } from '../multiStep';
import { askInSteps, askText, BACK } from '../multiStep';
import { databaseSteps } from './askDatabase';
import { askOperations } from './askOperations';
import { askScope } from './askScope';
import type { ChangeParts } from './changeParts';
import { changePlaceOf, databaseOf } from './changePlace';
import { confirmModal } from './confirmModal';
import { askConfirmation } from './confirmStep';
import { runOverridable } from './runOverridable';
import { showPublication } from './showResult';

/** A publication as it is being described. */
export interface PublicationAnswers extends Omit<PublicationDraft, 'scope'> {
  readonly database: string;
  readonly name: string;
  /** Undefined until it was chosen. */
  readonly scope: PublicationScope | undefined;
}

const TITLE = 'Create Publication';
/** Most tables that a question lists by name; the others are counted. */
const MOST_LISTED = 15;

/** Asks for a new publication, makes it and shows it. Throws Cancelled. */
export async function createPublication(parts: ChangeParts, arg: unknown): Promise<string> {
  const place = await changePlaceOf(
    parts,
    arg,
    'Create a publication on which server?',
    'create-publication',
  );
  const { server, where } = place;
  const database = databaseOf(arg);
  const start: PublicationAnswers = {
    database: database ?? '',
    name: '',
    scope: undefined,
    operations: PUBLICATION_OPERATIONS,
    viaPartitionRoot: false,
  };
  const steps: readonly Step<PublicationAnswers>[] = [
    ...(await databaseSteps<PublicationAnswers>(
      parts,
      server,
      database,
      'A publication belongs to one database',
    )),
    askName(parts, server),
    askScope(parts, server),
    askOperations,
    confirm(where),
  ];
  const answers = await askInSteps(`${TITLE} on ${where}`, start, steps);
  const draft = draftOf(answers);
  const preview = await parts.servers.use(server, answers.database, session =>
    readPublicationPreview(session, draft),
  );
  refuseTables(preview);
  const change = changeOf(answers, draft);
  if (preview.failingCount > 0) await confirmFailing(change, preview, where);
  await runOverridable(parts, {
    server,
    database: answers.database,
    change: preview.failingCount > 0 ? { ...change, acceptFailing: true } : change,
    title: `Creating the publication "${answers.name}" in ${answers.database} on ${where}`,
    action: TITLE,
    withOverride: () => ({ ...change, acceptFailing: true, override: true }),
  });
  await showPublication(parts, { server, database: answers.database }, answers.name);
  return answers.name;
}

function draftOf({ scope, operations, viaPartitionRoot }: PublicationAnswers): PublicationDraft {
  return { scope: scope ?? { kind: 'tables', tables: [] }, operations, viaPartitionRoot };
}

function changeOf({ name }: PublicationAnswers, draft: PublicationDraft): CreatePublication {
  return { kind: 'create-publication', name, ...draft };
}

function askName(parts: ChangeParts, server: string): Step<PublicationAnswers> {
  return async (answers, place) => {
    const facts = await parts.servers.use(server, answers.database, readChangeFacts);
    const name = await askText({
      ...place,
      prompt: `Name of the publication in the database ${answers.database}`,
      placeholder: 'such as shop_changes',
      value: answers.name,
      validate: text => publicationNameProblem(text) ?? takenProblem(text, facts),
    });
    return name === BACK ? BACK : { ...answers, name };
  };
}

function takenProblem(name: string, { publicationNames }: ChangeFacts): string | undefined {
  return publicationNames.includes(name)
    ? `There is a publication "${name}" in this database already.`
    : undefined;
}

function confirm(where: string): Step<PublicationAnswers> {
  return async (answers, place) => {
    const answer = await askConfirmation({
      ...place,
      action: TITLE,
      summary: [answers.name, scopeText(answers.scope), answers.database, where].join(' · '),
      consequence: 'A slot sends only what a publication names. Create it before the slot.',
      statements: statementsOf(changeOf(answers, draftOf(answers))),
    });
    return answer === BACK ? BACK : answers;
  };
}

function scopeText(scope: PublicationScope | undefined): string {
  switch (scope?.kind) {
    case undefined:
      return '';
    case 'all':
      return 'all tables';
    case 'schemas':
      return formatPlural(scope.schemas.length, 'schema');
    case 'tables':
      return formatPlural(scope.tables.length, 'table');
  }
}

/** Between the list and the end, a table may have been dropped or become something else. */
function refuseTables({ refused }: PublicationPreview): void {
  const [first] = refused;
  if (first === undefined) return;
  throw new HostFailure({
    code: 'tables-refused',
    message: `${formatPlural(refused.length, 'table')} cannot be published: ${remarkText(first)}${refused.length > 1 ? ' and others' : ''}.`,
    action: 'Choose the tables again.',
    detail: refused.map(remarkText).join(', '),
  });
}

/** The second question: an application that writes these tables gets errors from that moment on. */
async function confirmFailing(
  change: CreatePublication,
  { failing, failingCount }: PublicationPreview,
  where: string,
): Promise<void> {
  const verbs = (['update', 'delete'] as const)
    .filter(operation => change.operations.includes(operation))
    .map(operation => operation.toUpperCase())
    .join(' and ');
  const tables = failing.slice(0, MOST_LISTED);
  const others = failingCount - tables.length;
  await confirmModal({
    message: `${verbs} will fail on ${formatPlural(failingCount, 'table')} of ${where} as soon as this publication exists.`,
    lines: [
      'Nothing tells their rows apart. Give each a primary key or a replica identity first, or leave it out:',
      ...tables.map(remarkText),
      ...(others > 0 ? [`and ${formatCount(others)} more`] : []),
    ],
    statements: statementsOf(change),
    action: `${TITLE} All the Same`,
  });
}

function remarkText({ schema, name, reason }: TableRemark): string {
  return `${schema}.${name} (${reason})`;
}
