import type { Failure } from '../../shared/connection';
import { COMMANDS } from '../commandIds';
import type { SidebarNode } from './sidebarNode';
import { ERROR_COLOR, nodeId, WARNING_COLOR } from './sidebarNode';

export const FAILURE_CONTEXT = 'message.failure';

/** Failures that pass without the user and are tried again without a question to them. */
const MAY_PASS: ReadonlySet<string> = new Set([
  'timeout',
  'silent',
  'connection-lost',
  'connection-refused',
  'unreachable',
  'host-not-found',
  'too-many-connections',
  'server-starting',
  'server-shutdown',
]);
const RETRY_SECONDS = 60;

/**
 * A line that says what went wrong, and one that says what to do: side by side in one line, the
 * sidebar would be too narrow for both. A click on either says it in full, with what can be done.
 */
export function failureNodes(
  parentId: string,
  server: string,
  failure: Failure,
): readonly SidebarNode[] {
  const { code, message, action } = failure;
  const line = {
    subject: {
      kind: 'message',
      server,
      ...(MAY_PASS.has(code) ? { retrySeconds: RETRY_SECONDS } : {}),
    },
    context: FAILURE_CONTEXT,
    description: '',
    expandable: false,
    action: { command: COMMANDS.explainItem, title: 'Show Message' },
    tooltip: { title: message, notes: [action].filter(Boolean), facts: [] },
  } as const;
  const what: SidebarNode = {
    ...line,
    id: `${parentId}/${nodeId('failure', code)}`,
    label: message,
    icon: { name: 'error', color: ERROR_COLOR },
    accessible: `Error: ${[message, action].join(' ').trim()}`,
  };
  if (action === '') return [what];
  const advice: SidebarNode = {
    ...line,
    id: `${parentId}/${nodeId('failure', code, 'advice')}`,
    label: action,
    icon: { name: 'lightbulb' },
    accessible: `What to do: ${action}`,
  };
  return [what, advice];
}

/**
 * A database without publications, where nothing can be tailed: a click makes the first one. It stands
 * for the list, so that what is asked next knows the database.
 */
export function noPublicationsNode(
  parentId: string,
  place: { readonly server: string; readonly database: string },
): SidebarNode {
  const label = 'No publications: create one…';
  return {
    ...noteNode(parentId, place.server, label),
    subject: { kind: 'publications', ...place },
    tooltip: {
      title: label,
      notes: ['A publication names the tables whose changes are decoded. Tailing needs one.'],
      facts: [],
    },
    action: { command: COMMANDS.createPublication, title: 'Create Publication…' },
  };
}

/** Says why nothing can be decoded on this server, and what to do, where a server's icon says too little. */
export function walLevelNode(parentId: string, server: string, walLevel: string): SidebarNode {
  const label = `wal_level is ${walLevel}, not logical`;
  const notes = [
    'Nothing can be decoded here. As a superuser: ALTER SYSTEM SET wal_level = logical; then restart the server.',
    'A managed service has it among its parameters, such as rds.logical_replication.',
  ];
  return {
    ...noteNode(parentId, server, label),
    icon: { name: 'warning', color: WARNING_COLOR },
    accessible: [`Warning: ${label}.`, ...notes].join(' '),
    tooltip: { title: `${label}.`, notes, facts: [] },
    action: { command: COMMANDS.explainItem, title: 'Show Message' },
  };
}

/** A line that says that there is nothing, and why. */
export function noteNode(parentId: string, server: string, text: string): SidebarNode {
  return {
    id: `${parentId}/${nodeId('note', text)}`,
    subject: { kind: 'message', server },
    context: 'message.note',
    label: text,
    description: '',
    icon: { name: 'info' },
    accessible: text,
    tooltip: { title: text, notes: [], facts: [] },
    expandable: false,
  };
}
