import { SshError, type SshTrouble } from './sshError';

/** How `ssh` and `sshd` say things; neither translates. The first rule that matches counts, so causes stand before their consequences. */
const RULES: readonly (readonly [said: RegExp, trouble: SshTrouble])[] = [
  [/Bad configuration option|Bad owner or permissions on|terminating, \d+ bad/i, 'configuration'],
  [/Could not resolve hostname (\S+?):/, 'host-not-found'],
  [/connect to host (\S+) port \d+: Connection refused/, 'refused'],
  [/connect to host (\S+) port \d+: /, 'unreachable'],
  [
    /Connection timed out during banner exchange|Connection to (\S+) port \d+ timed out/,
    'unreachable',
  ],
  [/HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY|POSSIBLE DNS SPOOFING/, 'host-key-changed'],
  [/Host key verification failed/, 'host-key-unknown'],
  [/Unable to negotiate with (\S+)|no matching \S+ (?:\S+ )?(?:type|method|found)/, 'no-agreement'],
  [/Permission denied \(|Too many authentication failures|No more authentication/i, 'denied'],
  [/open failed: administratively prohibited/, 'forwarding-denied'],
  [/connect failed: Connection refused/, 'server-refused'],
  [
    /connect failed: .*(?:not known|name resolution|No address|nodename|Unknown host|not provided)/i,
    'server-not-found',
  ],
  [/connect failed: .*(?:timed out|No route|unreachable|Host is down)/i, 'server-unreachable'],
  [/open failed: |forwarding request failed|stdio forwarding failed/i, 'server-not-opened'],
  [/server \S+ not responding|Broken pipe|Connection to (\S+) closed by remote/, 'lost'],
  [/Connection (?:closed|reset) by (\S+)|Connection reset|exchange_identification/, 'closed'],
];

/** Why `ssh` ended, from what it wrote; `wasOpen` says that bytes of the database server had come before. */
export function sshErrorOf(stderr: string, wasOpen: boolean): SshError {
  const said = stderr
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
    .join('\n');
  for (const [pattern, trouble] of RULES) {
    const match = pattern.exec(said);
    if (match === null) continue;
    return new SshError(wasOpen ? 'lost' : trouble, said, match[1] ?? '');
  }
  return new SshError(wasOpen ? 'lost' : 'other', said === '' ? 'ssh ended without a word' : said);
}
