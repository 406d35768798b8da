/** What `npm start` was asked for. */
export interface StartOptions {
  /** Port of the page; a free one when absent. */
  readonly port?: number;
  /** Whether to open a browser, where there is one. */
  readonly open: boolean;
  /** A server to look at instead of the embedded one. */
  readonly postgres?: string;
}

export const START_USAGE = `Usage: npm start -- [--port N] [--no-open] [--postgres URL]
  --port N          port of the page (default: a free one)
  --no-open         print the address only, open no browser
  --postgres URL    this server instead of the embedded one; shows its first publication`;

/** Reads the arguments; a string says what is wrong with them. */
export function parseStartOptions(args: readonly string[]): StartOptions | string {
  let port: number | undefined;
  let open = true;
  let postgres: string | undefined;
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (equals >= 0) rest.unshift(arg.slice(equals + 1));
    if (name === '--no-open') {
      open = false;
    } else if (name === '--port') {
      port = Number(rest.shift());
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        return '--port takes a number from 1 to 65535';
      }
    } else if (name === '--postgres') {
      postgres = rest.shift();
      if (postgres === undefined || postgres === '') return '--postgres takes a connection URL';
    } else {
      return `Unknown argument ${arg}`;
    }
  }
  return {
    open,
    ...(port === undefined ? {} : { port }),
    ...(postgres === undefined ? {} : { postgres }),
  };
}
