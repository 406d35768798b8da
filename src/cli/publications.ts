import type { PublicationInfo } from '../postgres/catalog/publications';
import { readPublications } from '../postgres/catalog/publications';
import type { PublishedTable } from '../postgres/catalog/publishedTables';
import { failsToUpdate, readPublishedTables } from '../postgres/catalog/publishedTables';
import type { SqlSession } from '../postgres/sqlSession';
import type { Command } from './command';
import { CONNECTION_OPTIONS } from './connectionOptions';
import { JSON_OPTION, printList } from './listCommand';

interface Listed {
  readonly publication: PublicationInfo;
  readonly tables: readonly PublishedTable[];
}

export const publicationsCommand: Command = {
  name: 'publications',
  summary: 'List the publications of a database.',
  usage: ['[OPTION]...'],
  positionals: [],
  description: [
    'Lists the publications of the database that --url names, with what they publish. --json prints an array with an object a publication, which has its tables with replica identity, column list and row filter.',
  ],
  options: [...CONNECTION_OPTIONS, JSON_OPTION],
  run: (args, terminal) =>
    printList(args, terminal, {
      read: readListed,
      head: ['publication', 'owner', 'tables', 'publishes', 'via root', 'remarks'],
      row: ({ publication, tables }) => [
        publication.name,
        publication.owner,
        publication.allTables ? 'all' : String(tables.length),
        operations(publication).join(', '),
        publication.viaRoot ? 'yes' : 'no',
        remark(publication, tables),
      ],
      json: ({ publication, tables }) => ({
        name: publication.name,
        owner: publication.owner,
        all_tables: publication.allTables,
        all_sequences: publication.allSequences,
        schemas: publication.schemas,
        publishes: operations(publication),
        via_root: publication.viaRoot,
        generated_columns: publication.generatedColumns,
        tables: tables.map(table => ({
          schema: table.schema,
          name: table.name,
          replica_identity: table.replicaIdentity,
          key_columns: table.keyColumns,
          column_list: table.columnList ?? null,
          row_filter: table.rowFilter ?? null,
          updates_fail: failsToUpdate(table, publication),
        })),
      }),
    }),
};

async function readListed(session: SqlSession): Promise<readonly Listed[]> {
  const listed: Listed[] = [];
  for (const publication of await readPublications(session)) {
    listed.push({ publication, tables: await readPublishedTables(session, publication.name) });
  }
  return listed;
}

function operations(publication: PublicationInfo): readonly string[] {
  return (['insert', 'update', 'delete', 'truncate'] as const).filter(name => publication[name]);
}

function remark(publication: PublicationInfo, tables: readonly PublishedTable[]): string {
  const failing = tables.filter(table => failsToUpdate(table, publication));
  const [first] = failing;
  if (first === undefined) return '';
  const more = failing.length > 1 ? ` and ${String(failing.length - 1)} more` : '';
  return `updates fail without a replica identity: ${first.schema}.${first.name}${more}`;
}
