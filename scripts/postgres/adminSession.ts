import { Client } from 'pg';

/** A row with every value in Postgres's text form. */
export type AdminRow = Readonly<Record<string, string | null>>;

/** A plain session for tests and the demo: what an application would be, none of our own code in it. */
export class AdminSession {
  readonly #client: Client;

  private constructor(client: Client) {
    this.#client = client;
  }

  static async open(url: string, applicationName = 'test'): Promise<AdminSession> {
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      ssl: false,
      // A server that is just being killed may take a connection and never answer.
      connectionTimeoutMillis: 10_000,
      types: { getTypeParser: () => (value: string) => value },
    });
    // A server that is killed ends its sessions; whoever uses this one hears of it by its query.
    client.on('error', () => undefined);
    await client.connect();
    return new AdminSession(client);
  }

  /** One or several statements; the rows of the last one. */
  async query(sql: string): Promise<readonly AdminRow[]> {
    const result: unknown = await this.#client.query(sql);
    const last: unknown = Array.isArray(result) ? result.at(-1) : result;
    return (last as { readonly rows: readonly AdminRow[] }).rows;
  }

  async end(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
