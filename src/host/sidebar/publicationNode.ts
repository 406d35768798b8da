import type { PublicationInfo } from '../../postgres/catalog/publications';
import type { PublishedTable } from '../../postgres/catalog/publishedTables';
import { failsToUpdate } from '../../postgres/catalog/publishedTables';
import { nodeContext } from './nodeContext';
import type { SidebarNode } from './sidebarNode';
import { nodeId, WARNING_COLOR } from './sidebarNode';

interface Place {
  readonly server: string;
  readonly database: string;
}

/** A publication: what it lets through. */
export function publicationNode(
  parent: SidebarNode,
  place: Place,
  publication: PublicationInfo,
): SidebarNode {
  const letters = [
    publication.insert ? 'I' : '',
    publication.update ? 'U' : '',
    publication.delete ? 'D' : '',
    publication.truncate ? 'T' : '',
  ];
  const operations = letters.filter(Boolean).join(' ') || 'no operations';
  const scope = scopeOf(publication);
  return {
    id: `${parent.id}/${nodeId(publication.name)}`,
    subject: { kind: 'publication', ...place, publication: publication.name },
    context: nodeContext('publication'),
    label: publication.name,
    description: [...scope, operations].join(' · '),
    icon: { name: 'radio-tower' },
    accessible: [publication.name, 'publication', ...scope, ...words(publication)].join(', '),
    tooltip: {
      title: publication.name,
      notes: [],
      facts: [
        ['operations', words(publication).join(', ') || 'none'],
        ['tables', scope.join(', ') || 'listed below'],
        [
          'changes of partitions',
          publication.viaRoot ? 'as changes of the root table' : 'as their own',
        ],
        ['stored generated columns', publication.generatedColumns ? 'sent' : 'not sent'],
        ['owner', publication.owner],
      ],
    },
    expandable: 'collapsed',
  };
}

/** A table of a publication, with what a person should know before relying on it. */
export function tableNode(
  parent: SidebarNode,
  place: Place,
  publication: PublicationInfo,
  table: PublishedTable,
): SidebarNode {
  const fails = failsToUpdate(table, publication);
  const identity = fails ? 'no replica identity: updates and deletes fail' : identityOf(table);
  const parts = [
    identity,
    ...(table.columnList === undefined ? [] : [`${table.columnList.length} columns`]),
    ...(table.rowFilter === undefined ? [] : [`where ${table.rowFilter}`]),
  ];
  const label = `${table.schema}.${table.name}`;
  return {
    id: `${parent.id}/${nodeId(table.schema, table.name)}`,
    subject: { kind: 'table', ...place, schema: table.schema, table: table.name },
    context: nodeContext('table'),
    label,
    description: parts.join(' · '),
    icon: fails ? { name: 'warning', color: WARNING_COLOR } : { name: 'table' },
    accessible: [label, 'table', ...(fails ? ['warning'] : []), ...parts].join(', '),
    tooltip: {
      title: label,
      notes: fails
        ? [
            'UPDATE and DELETE fail on this table while it is published: nothing tells its rows apart. Give it a primary key or a replica identity.',
          ]
        : [],
      facts: [
        ['replica identity', table.replicaIdentity],
        ['key columns', table.keyColumns.join(', ') || 'none'],
        ['published columns', table.columnList?.join(', ') ?? 'all'],
        ['row filter', table.rowFilter ?? 'none'],
        ['partitioned', table.isPartitioned ? 'yes' : 'no'],
      ],
    },
    expandable: false,
  };
}

function scopeOf(publication: PublicationInfo): readonly string[] {
  return [
    ...(publication.allTables ? ['all tables'] : []),
    ...(publication.allSequences ? ['all sequences'] : []),
    ...publication.schemas.map(schema => `schema ${schema}`),
    ...(publication.viaRoot ? ['via root'] : []),
  ];
}

function words(publication: PublicationInfo): readonly string[] {
  return (['insert', 'update', 'delete', 'truncate'] as const).filter(name => publication[name]);
}

function identityOf(table: PublishedTable): string {
  switch (table.replicaIdentity) {
    case 'full':
      return 'identity: full row';
    case 'nothing':
      return 'no replica identity';
    case 'default':
    case 'index':
      return table.keyColumns.length === 0 ? 'no key' : `key: ${table.keyColumns.join(', ')}`;
  }
}
