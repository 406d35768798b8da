import { ConnectionError } from '../serverError';

/** What keeps a connection from going through SSH, or ended it. The rules for what `ssh` says are in sshRules.ts. */
export type SshTrouble =
  | 'missing'
  | 'destination'
  | 'unix-socket'
  | 'configuration'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'denied'
  | 'host-not-found'
  | 'refused'
  | 'unreachable'
  | 'closed'
  | 'no-agreement'
  | 'forwarding-denied'
  | 'server-not-found'
  | 'server-refused'
  | 'server-unreachable'
  | 'server-not-opened'
  | 'lost'
  | 'other';

/** These are about the database server as the SSH server sees it: another one of a list may do. */
const ABOUT_SERVER: ReadonlySet<SshTrouble> = new Set<SshTrouble>([
  'server-not-found',
  'server-refused',
  'server-unreachable',
  'server-not-opened',
  // One of a list may be reached by a socket, which does not go through SSH.
  'unix-socket',
]);

/** A person has to do something about these, and a server may shut out who tries them over and over. */
const LASTING: ReadonlySet<SshTrouble> = new Set<SshTrouble>([
  'missing',
  'destination',
  'unix-socket',
  'configuration',
  'host-key-unknown',
  'host-key-changed',
  'denied',
  'no-agreement',
  'forwarding-denied',
]);

export class SshError extends ConnectionError {
  override readonly name = 'SshError';

  constructor(
    readonly trouble: SshTrouble,
    /** What `ssh` wrote, without secrets; for the log. */
    said: string,
    /** The host that `ssh` names in it, which may be one on the way to the SSH server; empty where it names none. */
    readonly host = '',
  ) {
    super('ssh', said, {}, 'reaching');
  }

  /** SSH is below TLS and the protocol: how far these had come says nothing about it. */
  override at(): ConnectionError {
    return this;
  }

  /** Whether another attempt may succeed by itself. */
  get mayPass(): boolean {
    return !LASTING.has(this.trouble);
  }

  /** Whether the SSH server was reached, and the database server was not. */
  get isAboutServer(): boolean {
    return ABOUT_SERVER.has(this.trouble);
  }
}
