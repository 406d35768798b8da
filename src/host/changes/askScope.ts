import type * as vscode from 'vscode';
import { formatCount } from '../../base/quantity';
import type { PublicationScope, TableName } from '../../postgres/changes/publicationChange';
import { readPublishableSchemas, readPublishableTables } from '../../postgres/changes/publishable';
import { HostFailure } from '../hostFailure';
import { messageText } from '../messageText';
import type { Step, StepPlace } from '../multiStep';
import { askPick, askPicks, BACK } from '../multiStep';
import type { ChangeParts } from './changeParts';
import type { PublicationAnswers } from './createPublication';

/** Most tables that are offered one by one. */
const MOST_TABLES = 20_000;
/** Schemas can be named from this major version on. */
const SCHEMAS_SINCE = 15;

interface KindItem extends vscode.QuickPickItem {
  readonly covers: PublicationScope['kind'];
}

/** What the publication covers: tables one by one, whole schemas, or everything. */
export function askScope(parts: ChangeParts, server: string): Step<PublicationAnswers> {
  return async (answers, place) => {
    const { database } = answers;
    const read = await parts.servers.use(server, database, async session => ({
      tables: await readPublishableTables(session, MOST_TABLES),
      schemas: session.majorVersion < SCHEMAS_SINCE ? [] : await readPublishableSchemas(session),
    }));
    for (;;) {
      const kind = await askKind(answers, place, read);
      if (kind === BACK) return BACK;
      const scope = await askWhich(kind, answers.scope, place, read);
      // Back from the list leads to the kind, which is the same step.
      if (scope !== BACK) return { ...answers, scope };
    }
  };
}

interface Choices {
  readonly tables: readonly TableName[];
  readonly schemas: readonly string[];
}

async function askKind(
  { scope }: PublicationAnswers,
  place: StepPlace,
  { tables, schemas }: Choices,
): Promise<PublicationScope['kind'] | typeof BACK> {
  const items: readonly KindItem[] = [
    {
      covers: 'tables',
      label: '$(table) Tables…',
      description: `chosen one by one; there are ${countOf(tables.length)}`,
    },
    ...(schemas.length === 0
      ? []
      : [
          {
            covers: 'schemas',
            label: '$(symbol-namespace) Schemas…',
            description: 'every table of a schema, also later ones; needs a superuser',
          } as const,
        ]),
    {
      covers: 'all',
      label: '$(database) All Tables',
      description: 'every table of the database, also later ones; needs a superuser',
    },
  ];
  const active = items.find(item => item.covers === scope?.kind);
  const item = await askPick({
    ...place,
    items,
    placeholder: 'What shall it publish?',
    ...(active === undefined ? {} : { active }),
  });
  return item === BACK ? BACK : item.covers;
}

async function askWhich(
  kind: PublicationScope['kind'],
  before: PublicationScope | undefined,
  place: StepPlace,
  { tables, schemas }: Choices,
): Promise<PublicationScope | typeof BACK> {
  // The list lies behind the question for its kind, also at the first step.
  const here = { ...place, step: Math.max(2, place.step) };
  switch (kind) {
    case 'all':
      return { kind };
    case 'schemas': {
      const chosen = before?.kind === 'schemas' ? new Set(before.schemas) : new Set();
      const items = schemas.map(schema => ({ schema, label: messageText(schema) }));
      const picked = await askPicks({
        ...here,
        items,
        placeholder: 'Which schemas? Type to filter',
        selected: items.filter(item => chosen.has(item.schema)),
      });
      return picked === BACK ? BACK : { kind, schemas: picked.map(item => item.schema) };
    }
    case 'tables': {
      if (tables.length === 0) throw noTables();
      const chosen = before?.kind === 'tables' ? new Set(before.tables.map(keyOf)) : new Set();
      const items = tables.map(table => ({
        table: { schema: table.schema, name: table.name },
        label: messageText(`${table.schema}.${table.name}`),
      }));
      const picked = await askPicks({
        ...here,
        items,
        placeholder: `Which of ${countOf(tables.length)} tables? Type to filter`,
        selected: items.filter(item => chosen.has(keyOf(item.table))),
      });
      return picked === BACK ? BACK : { kind, tables: picked.map(item => item.table) };
    }
  }
}

function countOf(tables: number): string {
  return tables < MOST_TABLES ? formatCount(tables) : `more than ${formatCount(MOST_TABLES - 1)}`;
}

function keyOf({ schema, name }: TableName): string {
  return JSON.stringify([schema, name]);
}

function noTables(): HostFailure {
  return new HostFailure({
    code: 'no-tables',
    message: 'There is no table in this database that a publication can name.',
    action: 'Create a table first, or publish all tables.',
    detail: '',
  });
}
