/** How strictly TLS is asked for; the names and meanings are libpq's (doc: "SSL Support"). */
export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export const SSL_MODES: readonly SslMode[] = [
  'disable',
  'allow',
  'prefer',
  'require',
  'verify-ca',
  'verify-full',
];

/** Whether a password is bound to the TLS connection it is sent through (SCRAM-SHA-256-PLUS). */
export type ChannelBinding = 'disable' | 'prefer' | 'require';

export const CHANNEL_BINDINGS: readonly ChannelBinding[] = ['disable', 'prefer', 'require'];

/** How TLS begins: the server is asked first, or, from Postgres 17 on, at once. */
export type SslNegotiation = 'postgres' | 'direct';

export const SSL_NEGOTIATIONS: readonly SslNegotiation[] = ['postgres', 'direct'];

/**
 * Where and as whom to connect, complete: nothing in here is looked up in the environment any more.
 * Plain data, so that it can cross to a worker. The password lives here only on its way to a socket:
 * never in settings, logs, captures or messages.
 */
export interface ConnectionTarget {
  /** Host name or address, or an absolute directory that holds a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password?: string;
  readonly sslMode: SslMode;
  /** File with the certificates of trusted authorities, PEM; `system` for those of the system. */
  readonly sslRootCert?: string;
  /** File with certificates that their authorities have revoked, PEM. */
  readonly sslCrl?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  /** What the client's key is encrypted with; as secret as the password. */
  readonly sslPassword?: string;
  /** Absent means `postgres`. */
  readonly sslNegotiation?: SslNegotiation;
  /** Absent means `prefer`. */
  readonly channelBinding?: ChannelBinding;
  /** Seconds until an attempt to connect is given up; 0 waits for as long as it takes. */
  readonly connectTimeout: number;
  /** Command-line options for the server process (`options` of libpq); ours come after them and win. */
  readonly options?: string;
}

/** The colours that a server can be marked with; each is a theme's own, so that it can be seen. */
export type ServerColor = 'red' | 'orange' | 'yellow' | 'green' | 'blue' | 'purple';

export const SERVER_COLORS: readonly ServerColor[] = [
  'red',
  'orange',
  'yellow',
  'green',
  'blue',
  'purple',
];

/** Longest label of a server, in characters: it stands beside the name wherever the server is. */
export const SERVER_LABEL_LIMIT = 30;

/** How a server is marked, such as `prod` in red; both may be empty. */
export interface ServerMark {
  readonly label: string;
  readonly color: ServerColor | '';
}

export const NO_MARK: ServerMark = { label: '', color: '' };

/**
 * What a session needs to know of its connection profile (a server). `readOnly` is enforced by the
 * write gate in src/postgres, not by who calls it.
 */
export interface ProfileFacts extends Partial<ServerMark> {
  readonly name: string;
  readonly readOnly: boolean;
}

/** Why something did not work, for a person: what happened, and what to do about it. */
export interface Failure {
  /** Stable name of the cause, such as `connection-refused`; tests and menus key on it. */
  readonly code: string;
  /** One sentence: what happened and where. */
  readonly message: string;
  /** One sentence: what to do. Empty where there is nothing sensible to say. */
  readonly action: string;
  /** What the server or the system said, without secrets; for the log. */
  readonly detail: string;
}
