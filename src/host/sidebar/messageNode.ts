import type { Failure } from '../../shared/connection';
import { COMMANDS } from '../commandIds';
import type { SidebarNode } from './sidebarNode';
import { ERROR_COLOR, nodeId } from './sidebarNode';

export const FAILURE_CONTEXT = 'message.failure';

/** A line that says what went wrong and what to do; a click opens the log. */
export function failureNode(parentId: string, server: string, failure: Failure): SidebarNode {
  const sentence = [failure.message, failure.action].join(' ').trim();
  return {
    id: `${parentId}/${nodeId('failure', failure.code)}`,
    subject: { kind: 'message', server },
    context: FAILURE_CONTEXT,
    label: failure.message,
    description: failure.action,
    icon: { name: 'error', color: ERROR_COLOR },
    accessible: `Error: ${sentence}`,
    tooltip: { title: failure.message, notes: [failure.action].filter(Boolean), facts: [] },
    expandable: false,
    action: { command: COMMANDS.showLog, title: 'Show Log' },
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
