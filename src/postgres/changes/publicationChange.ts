import { quoteIdentifier } from '../quote';

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

export type PublicationOperation = 'insert' | 'update' | 'delete' | 'truncate';

export const PUBLICATION_OPERATIONS: readonly PublicationOperation[] = [
  'insert',
  'update',
  'delete',
  'truncate',
];

/** What a publication covers. */
export type PublicationScope =
  | { readonly kind: 'all' }
  /** Every table of these schemas, also later ones; 15 and later. */
  | { readonly kind: 'schemas'; readonly schemas: readonly string[] }
  | { readonly kind: 'tables'; readonly tables: readonly TableName[] };

/** What a new publication shall be, while it is still being put together. */
export interface PublicationDraft {
  readonly scope: PublicationScope;
  readonly operations: readonly PublicationOperation[];
  /** Changes of partitions are sent as changes of the root table. */
  readonly viaPartitionRoot: boolean;
}

/** In the database that the session is connected to. */
export interface CreatePublication extends PublicationDraft {
  readonly kind: 'create-publication';
  readonly name: string;
  /** The person saw which tables would start to fail on UPDATE and DELETE, and wants it all the same. */
  readonly acceptFailing?: boolean;
  /** The person was asked and wants it although it takes very many locks. */
  readonly override?: boolean;
}

/** The statement as it will run, without a semicolon (doc: "CREATE PUBLICATION"). */
export function publicationStatement({
  name,
  scope,
  operations,
  viaPartitionRoot,
}: CreatePublication): string {
  const settings = [
    // Without it all four are published.
    ...(operations.length === PUBLICATION_OPERATIONS.length
      ? []
      : [`publish = '${inOrder(operations).join(', ')}'`]),
    ...(viaPartitionRoot ? ['publish_via_partition_root = true'] : []),
  ];
  const target = targetText(scope);
  return [
    `CREATE PUBLICATION ${quoteIdentifier(name)}`,
    ...(target === '' ? [] : [target]),
    ...(settings.length === 0 ? [] : [`WITH (${settings.join(', ')})`]),
  ].join(' ');
}

function targetText(scope: PublicationScope): string {
  switch (scope.kind) {
    case 'all':
      return 'FOR ALL TABLES';
    case 'schemas':
      return scope.schemas.length === 0
        ? ''
        : `FOR TABLES IN SCHEMA ${scope.schemas.map(quoteIdentifier).join(', ')}`;
    case 'tables':
      return scope.tables.length === 0
        ? ''
        : `FOR TABLE ${scope.tables.map(quoteTable).join(', ')}`;
  }
}

function quoteTable({ schema, name }: TableName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

function inOrder(operations: readonly PublicationOperation[]): readonly PublicationOperation[] {
  return PUBLICATION_OPERATIONS.filter(operation => operations.includes(operation));
}
