import type { ConnectionTarget, Failure } from '../../shared/connection';
import { formatServer } from '../serverList';
import type { SshError } from './sshError';

/** Says in a sentence why a connection did not go through SSH, and what to do about it. */
export function explainSsh(error: SshError, target: ConnectionTarget): Failure {
  const { code, message, action } = wordsFor(error, target);
  return { code, message, action, detail: `ssh: ${error.message}` };
}

function wordsFor(error: SshError, target: ConnectionTarget): Omit<Failure, 'detail'> {
  const destination = target.ssh ?? '';
  const server = formatServer(target);
  const host = error.host === '' ? destination : error.host;
  const terminal = `Run "ssh ${destination}" in a terminal`;
  switch (error.trouble) {
    case 'missing':
      return {
        code: 'ssh-missing',
        message: 'The program ssh was not found on PATH.',
        action: 'Install an OpenSSH client, or connect without SSH.',
      };
    case 'destination':
      return {
        code: 'ssh-destination',
        message: `The SSH destination cannot be used: ${error.message}`,
        action: 'Correct it.',
      };
    case 'unix-socket':
      return {
        code: 'ssh-unix-socket',
        message: `Through SSH only a host and a port can be reached, not the socket in ${target.host}.`,
        action: 'Set the host to localhost, which is the SSH server itself then.',
      };
    case 'configuration':
      return {
        code: 'ssh-configuration',
        message: 'ssh cannot use its configuration file.',
        action: `${terminal}: it names the line.`,
      };
    case 'host-key-unknown':
      return {
        code: 'ssh-host-key',
        message: `The key of the SSH server ${destination} is not known here yet.`,
        action: `${terminal} once, compare the fingerprint and accept it, then try again.`,
      };
    case 'host-key-changed':
      return {
        code: 'ssh-host-key-changed',
        message: `The SSH server ${destination} has another key than the one that is known here.`,
        action: `Ask its administrator whether that is meant. ${terminal}: it says which line of known_hosts is in the way.`,
      };
    case 'denied':
      return {
        code: 'ssh-denied',
        message: `The SSH server ${destination} did not let you in.`,
        action: `Nobody can be asked for a password or passphrase here: load the key into your agent with ssh-add. ${terminal} to see more.`,
      };
    case 'host-not-found':
      return {
        code: 'ssh-host-not-found',
        message: `The SSH host "${host}" is not known.`,
        action: 'Check the SSH destination, your SSH configuration, and the network or VPN.',
      };
    case 'refused':
      return {
        code: 'ssh-refused',
        message: `No SSH server listens on ${host}: the connection was refused.`,
        action: 'Check the SSH destination and its port.',
      };
    case 'unreachable':
      return {
        code: 'ssh-unreachable',
        message: `The SSH server ${host} cannot be reached.`,
        action: 'Check the SSH destination, the network or VPN, and firewalls.',
      };
    case 'closed':
      return {
        code: 'ssh-closed',
        message: `The SSH server ${destination} closed the connection before it stood.`,
        action: `${terminal} to see why; it may have too many connections at the moment.`,
      };
    case 'no-agreement':
      return {
        code: 'ssh-no-agreement',
        message: `ssh and the SSH server ${destination} have no algorithm in common.`,
        action: `${terminal}: it names what is missing, which your SSH configuration may allow.`,
      };
    case 'forwarding-denied':
      return {
        code: 'ssh-forwarding-denied',
        message: `The SSH server ${destination} does not allow a connection to ${server}.`,
        action: 'Ask its administrator for AllowTcpForwarding, PermitOpen or permitopen.',
      };
    // The same as without SSH, so that whoever tries again or chooses advice need not know of it.
    case 'server-refused':
      return {
        code: 'connection-refused',
        message: `Nothing listens on ${server} as the SSH server ${destination} sees it: the connection was refused.`,
        action: 'Check host and port; localhost is the SSH server itself.',
      };
    case 'server-not-found':
      return {
        code: 'host-not-found',
        message: `The SSH server ${destination} does not know the host name "${target.host}".`,
        action: 'Use the name or the address that the host has there.',
      };
    case 'server-unreachable':
      return {
        code: 'unreachable',
        message: `${server} cannot be reached from the SSH server ${destination}.`,
        action: 'Check host and port, and the firewall between the two.',
      };
    case 'server-not-opened':
      return {
        code: 'unreachable',
        message: `The SSH server ${destination} could not connect to ${server}.`,
        action: 'Check host and port, and whether the SSH server may forward to there.',
      };
    case 'lost':
      return {
        code: 'connection-lost',
        message: `The connection to ${server} through the SSH server ${destination} broke.`,
        action: 'Check the network and the SSH server, and try again.',
      };
    case 'other':
      return {
        code: 'ssh-failed',
        message: `ssh could not connect to ${destination}: ${lastLine(error.message)}`,
        action: `${terminal} to see more.`,
      };
  }
}

function lastLine(text: string): string {
  const line = text.split('\n').at(-1) ?? '';
  return /[.!?]$/.test(line) ? line : `${line}.`;
}
