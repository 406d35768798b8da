import type { SourceFacts } from '../shared/timeline';

/** Where a capture comes from: JSON in its M block. No secrets: it travels with the file. */
export interface CaptureMeta {
  /** Where it was read: title, server, database, version, slot, publications and plugin. */
  readonly source: SourceFacts;
  /** Of the server, as IDENTIFY_SYSTEM gives it; absent in a capture of an older version. */
  readonly systemIdentifier?: string;
  /** The program that wrote it, with version. */
  readonly product: string;
  /** When writing began, ISO 8601. */
  readonly startedAt: string;
  /** The options that the output plugin was started with, as sent to the server. */
  readonly pluginOptions: Readonly<Record<string, string>>;
  /** Rows of pg_type for the types that are not built in, for values in binary form. */
  readonly types: readonly {
    readonly oid: number;
    readonly name: string;
    readonly typtype: string;
    readonly category: string;
    readonly elem: number;
  }[];
}
