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
  /** File with the certificates of trusted authorities, PEM. */
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
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
