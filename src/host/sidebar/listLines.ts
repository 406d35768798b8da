import { formatCount, formatPlural } from '../../base/quantity';
import { COMMANDS } from '../commandIds';
import type { ListScope } from './listScopes';
import { PAGE } from './listScopes';
import { noPublicationsNode, noteNode } from './messageNode';
import { nodeContext } from './nodeContext';
import type { SidebarNode } from './sidebarNode';
import { nodeId } from './sidebarNode';

export interface ListFacts {
  /** The node that holds the list. */
  readonly parent: SidebarNode;
  /** The lines that are shown. */
  readonly lines: readonly SidebarNode[];
  /** Lines that the filter lets through, also those that are not shown. */
  readonly matching: number;
  readonly scope: ListScope;
  /** What a line is called: `slot`. */
  readonly word: string;
}

/** A list with what it leaves out: the filter that is on, above; how many more there are, below. */
export function listLines(facts: ListFacts): readonly SidebarNode[] {
  const { parent, lines, matching, scope, word } = facts;
  const more = matching - lines.length;
  return [
    ...(scope.filter === '' ? [] : [filterNode(facts)]),
    ...(matching === 0 && scope.filter === '' ? [emptyNode(facts)] : []),
    ...lines,
    ...(more > 0 ? [moreNode(parent, more, word)] : []),
  ];
}

function emptyNode({ parent, word }: ListFacts): SidebarNode {
  const { subject } = parent;
  if (subject.kind === 'publications') return noPublicationsNode(parent.id, subject);
  return noteNode(parent.id, subject.server, `No ${word}s`);
}

/** Says that lines are left out, and why; a click asks for another filter. */
function filterNode({ parent, matching, scope, word }: ListFacts): SidebarNode {
  const found = matching === 0 ? `no ${word} has it` : formatPlural(matching, word);
  return {
    id: `${parent.id}/${nodeId('list', 'filter')}`,
    subject: { kind: 'list', server: parent.subject.server, parent: parent.id },
    context: nodeContext('message', 'filter'),
    label: `Filter: ${scope.filter}`,
    description: found,
    icon: { name: 'filter-filled' },
    accessible: `Filter: ${scope.filter}, ${found}`,
    tooltip: { title: `Only what has "${scope.filter}" in it is listed.`, notes: [], facts: [] },
    expandable: false,
    action: { command: COMMANDS.filterList, title: 'Filter…' },
  };
}

function moreNode(parent: SidebarNode, more: number, word: string): SidebarNode {
  const next = Math.min(more, PAGE);
  const rest = more > next ? `${formatCount(more)} not shown` : '';
  const label = `${formatCount(next)} more…`;
  return {
    id: `${parent.id}/${nodeId('list', 'more')}`,
    subject: { kind: 'list', server: parent.subject.server, parent: parent.id },
    context: nodeContext('message', 'more'),
    label,
    description: rest,
    icon: { name: 'ellipsis' },
    accessible: `Show ${formatPlural(next, `more ${word}`, `more ${word}s`)}${rest === '' ? '' : `, ${rest}`}`,
    tooltip: {
      title: label,
      notes: ['A filter on the list finds one faster.'],
      facts: [],
    },
    expandable: false,
    action: { command: COMMANDS.showMore, title: 'Show More' },
  };
}
