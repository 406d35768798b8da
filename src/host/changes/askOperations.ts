import type * as vscode from 'vscode';
import type { PublicationOperation } from '../../postgres/changes/publicationChange';
import { PUBLICATION_OPERATIONS } from '../../postgres/changes/publicationChange';
import type { Step } from '../multiStep';
import { askPicks, BACK } from '../multiStep';
import type { PublicationAnswers } from './createPublication';

interface OptionItem extends vscode.QuickPickItem {
  readonly operation: PublicationOperation | 'viaRoot';
}

const ITEMS: readonly OptionItem[] = [
  ...PUBLICATION_OPERATIONS.map(operation => ({ operation, label: operation.toUpperCase() })),
  {
    operation: 'viaRoot',
    label: 'Partitions as their root table',
    description: 'publish_via_partition_root: changes of partitions come under the root’s name',
  },
];

/** Which operations are published, and how partitions are named. */
export const askOperations: Step<PublicationAnswers> = async (answers, place) => {
  const picked = await askPicks({
    ...place,
    items: ITEMS,
    placeholder: 'What shall be published? Usually everything: press Enter to go on',
    selected: ITEMS.filter(({ operation }) =>
      operation === 'viaRoot' ? answers.viaPartitionRoot : answers.operations.includes(operation),
    ),
  });
  if (picked === BACK) return BACK;
  const chosen = new Set(picked.map(item => item.operation));
  return {
    ...answers,
    operations: PUBLICATION_OPERATIONS.filter(operation => chosen.has(operation)),
    viaPartitionRoot: chosen.has('viaRoot'),
  };
};
