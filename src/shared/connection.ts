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

/** What a server of a list has to be like; the names and meanings are libpq's. */
export type TargetSessionAttrs =
  'any' | 'read-write' | 'read-only' | 'primary' | 'standby' | 'prefer-standby';

export const TARGET_SESSION_ATTRS: readonly TargetSessionAttrs[] = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
];

/** Whether the servers of a list are tried in its order, or in a new random one at each connection. */
export type LoadBalanceHosts = 'disable' | 'random';

export const LOAD_BALANCE_HOSTS: readonly LoadBalanceHosts[] = ['disable', 'random'];

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export const TLS_VERSIONS: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** One server, and the password for it. */
export interface ServerAddress {
  /** Host name or address, or an absolute directory that holds a Unix socket. */
  readonly host: string;
  /** IP address that the name stands for (`hostaddr`), which is then not looked up. */
  readonly hostAddress?: string;
  readonly port: number;
  readonly password?: string;
}

/**
 * Where and as whom to connect, complete: nothing in here is looked up in the environment any more.
 * Plain data, so that it can cross to a worker. The password lives here only on its way to a socket:
 * never in settings, logs, captures or messages.
 */
export interface ConnectionTarget extends ServerAddress {
  /**
   * All servers that may be tried, in order, where there are several. `host`, `port` and `password` are those
   * of the first then, or of the one that was reached.
   */
  readonly servers?: readonly ServerAddress[];
  /**
   * The very server that a connection has reached (src/postgres/serverList.ts): its IP address, or its
   * host where no address is known. Whoever connects with it lands there or nowhere.
   */
  readonly reached?: string;
  /**
   * The SSH server through which the others are reached, as `ssh` takes it: `user@host`, a name of its
   * configuration, or `ssh://user@host:port`. Names are then those that it knows, `localhost` is itself.
   */
  readonly ssh?: string;
  /** Absent means `any`. */
  readonly targetSessionAttrs?: TargetSessionAttrs;
  /** Absent means `disable`. */
  readonly loadBalanceHosts?: LoadBalanceHosts;
  readonly user: string;
  readonly database: string;
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
  /** Absent means TLSv1.2. */
  readonly sslMinVersion?: TlsVersion;
  readonly sslMaxVersion?: TlsVersion;
  /** False: the name of the host is not told before encryption begins. Absent means true. */
  readonly sslSni?: boolean;
  /** Absent means `prefer`. */
  readonly channelBinding?: ChannelBinding;
  /** `require_auth`: the ways to authenticate that are accepted, or, each with a `!`, those that are not. */
  readonly requireAuth?: readonly string[];
  /** Seconds until an attempt to connect to one address is given up; 0 waits for as long as it takes. */
  readonly connectTimeout: number;
  /**
   * Seconds of silence after which the system probes whether the server is there (`keepalives_idle`); 0 is
   * what systems take by themselves, `off` sends none. Absent means ten.
   */
  readonly keepalivesIdle?: number | 'off';
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
