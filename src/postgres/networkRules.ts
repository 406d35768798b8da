import type { FailureContext, FailureRule } from './failureRules';

const server = ({ target }: FailureContext): string => `${target.host}:${String(target.port)}`;

/** What the network and TLS report, by the code of Node's error. */
export const NETWORK_RULES: readonly FailureRule[] = [
  {
    states: ['ECONNREFUSED'],
    code: 'connection-refused',
    message: context => `Nothing listens on ${server(context)}: the connection was refused.`,
    action: context =>
      isLocal(context) && context.inContainer === true
        ? 'This is a container, whose localhost is the container itself: use the name of the host, such as host.docker.internal, or of the service.'
        : 'Check host and port, and whether the server runs and listens there (listen_addresses).',
  },
  {
    states: ['ENOENT'],
    code: 'socket-missing',
    message: context =>
      `There is no server socket in ${context.target.host} for port ${String(context.target.port)}.`,
    action: () => 'Check whether the server runs, or connect to localhost.',
  },
  {
    states: ['EACCES', 'EPERM'],
    code: 'network-denied',
    message: context => `This system does not allow a connection to ${server(context)}.`,
    action: () => 'Check the permissions of the socket, and the firewall.',
  },
  {
    states: ['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA', 'EAI_NONAME'],
    code: 'host-not-found',
    message: ({ target }) => `The host name "${target.host}" is not known.`,
    action: () => 'Check the host name, and the network or VPN.',
  },
  {
    states: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
    code: 'unreachable',
    message: context => `${server(context)} cannot be reached.`,
    action: () => 'Check host and port, the network or VPN, and firewalls.',
  },
  {
    states: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    code: 'tls-wrong-name',
    message: ({ target }) => `The server's certificate is not for "${target.host}".`,
    action: () =>
      "Use the host name that the certificate has, or sslmode=verify-ca if you trust the network's names less than the certificate.",
  },
  {
    states: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
    code: 'tls-expired',
    message: context => `The certificate of ${server(context)} is not valid at this time.`,
    action: () => 'Ask for a new certificate, and check the clock.',
  },
  {
    states: ['CERT_REVOKED'],
    code: 'tls-revoked',
    message: context => `The certificate of ${server(context)} was revoked by its authority.`,
    action: () => 'Ask for a new certificate of the server; do not connect until it has one.',
  },
  {
    states: [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ],
    code: 'tls-untrusted',
    message: context =>
      `The certificate of ${server(context)} is not signed by an authority in the root certificate file.`,
    action: () => 'Set sslrootcert to the certificate of the authority that signed it.',
  },
  {
    states: ['ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'],
    code: 'connection-lost',
    message: context => `The connection to ${server(context)} broke.`,
    action: () => 'Check the network and the server, and try again.',
  },
];

/** Names and addresses that mean this machine. */
function isLocal({ target }: FailureContext): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(target.host);
}
