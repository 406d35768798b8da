import type { Failure } from '../../shared/connection';
import { COMMANDS } from '../commandIds';
import type { SidebarNode } from './sidebarNode';
import { ERROR_COLOR, nodeId } from './sidebarNode';

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
 * sidebar would be too narrow for both. A click on either opens the log.
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
    action: { command: COMMANDS.showLog, title: 'Show Log' },
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
