export interface SshWay {
  /** As `ssh` takes it; see sshDestination.ts. */
  readonly destination: string;
  /** Seconds; 0 waits for as long as it takes. */
  readonly connectTimeout: number;
}

/** Seconds between two questions of `ssh` whether its server is still there, and how many may stay open. */
const ALIVE_INTERVAL = 10;
const ALIVE_COUNT = 3;

/**
 * What `ssh` is told, for its stdio to be a connection from its server to `host` and `port`. All else is as
 * the user's configuration says: keys, agent, jumps, known hosts, and a master connection that is there.
 */
export function sshArguments(
  way: SshWay,
  host: string,
  port: number,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const options = [
    // Nobody could answer a question on a terminal; a program that asks on the screen counts if it was chosen.
    ...(asksOnScreen(env) ? [] : ['BatchMode=yes']),
    'ExitOnForwardFailure=yes',
    // Ports that the configuration forwards are for one connection, and ours are several.
    'ClearAllForwardings=yes',
    // A master ends with its own connection and takes those with it that others have through it.
    'ControlMaster=no',
    // Its reasons must be heard, whatever the configuration says.
    'LogLevel=INFO',
    `ServerAliveInterval=${String(ALIVE_INTERVAL)}`,
    `ServerAliveCountMax=${String(ALIVE_COUNT)}`,
    // A second before we give up ourselves, so that it can say why.
    ...(way.connectTimeout > 0
      ? [`ConnectTimeout=${String(Math.max(1, Math.ceil(way.connectTimeout) - 1))}`]
      : []),
  ];
  const to = `[${host}]:${String(port)}`;
  return [...options.flatMap(option => ['-o', option]), '-W', to, '--', way.destination];
}

function asksOnScreen(env: Readonly<Record<string, string | undefined>>): boolean {
  const wish = env['SSH_ASKPASS_REQUIRE'];
  return env['SSH_ASKPASS'] !== undefined && (wish === 'force' || wish === 'prefer');
}
