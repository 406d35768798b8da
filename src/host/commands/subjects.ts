import type { NodeSubject } from '../sidebar/sidebarNode';

const KINDS: ReadonlySet<string> = new Set<NodeSubject['kind']>([
  'server',
  'database',
  'publications',
  'publication',
  'table',
  'slots',
  'slot',
  'subscriptions',
  'subscription',
  'list',
  'message',
]);

/** What the tree node that a menu hands to a command stands for; undefined for anything else. */
export function subjectOf(arg: unknown): NodeSubject | undefined {
  if (typeof arg !== 'object' || arg === null || !('subject' in arg)) return undefined;
  const { subject } = arg;
  if (typeof subject !== 'object' || subject === null || !('kind' in subject)) return undefined;
  if (typeof subject.kind !== 'string' || !KINDS.has(subject.kind)) return undefined;
  return subject as NodeSubject;
}
