import { TypeTable } from '../logical/types/typeTable';
import type { CustomType } from '../shared/customType';
import type { SourceFacts } from '../shared/sourceFacts';

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
  /** The types of values and columns that are not built in, as far as the server told them. */
  readonly types: readonly CustomType[];
  /** Some values may be in binary form: pgoutput was asked for it now, or before the file was continued. */
  readonly binary?: true;
  /**
   * The columns whose values are not in this file, as patterns ({@link ColumnMask}): a placeholder stands in
   * their place. Absent: all that was sent is here.
   */
  readonly redacted?: readonly string[];
}

/** What a file says that is continued: what was known of its types stays known. */
export function continuedMeta(before: CaptureMeta, next: CaptureMeta): CaptureMeta {
  const types = new TypeTable(before.types);
  types.add(next.types);
  const redacted = [...new Set([...(before.redacted ?? []), ...(next.redacted ?? [])])];
  const meta = {
    ...next,
    types: types.all,
    ...(redacted.length === 0 ? {} : { redacted }),
  };
  return mayHoldBinary(before) || mayHoldBinary(next) ? { ...meta, binary: true } : meta;
}

export function mayHoldBinary({ binary, pluginOptions }: CaptureMeta): boolean {
  return binary === true || asksForBinary(pluginOptions);
}

/** Whether pgoutput was asked for values in binary form (`defGetBoolean`, src/backend/commands/define.c). */
function asksForBinary(pluginOptions: Readonly<Record<string, string>>): boolean {
  return /^(?:true|on|1)$/i.test(pluginOptions['binary'] ?? '');
}
