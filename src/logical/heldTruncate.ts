import { readU32 } from '../base/bigEndian';

/**
 * A Truncate message names tables by OID only, and several of them. One that is held back for its commit
 * carries behind its bytes which version of each table was current when it came: a table may have another
 * name by then. Layout: the message, a version per table (-1 for none), the number of tables.
 */

/** The OIDs that a Truncate message names, as far as its bytes go. */
export function truncatedOids(message: Uint8Array, inStream: boolean): readonly number[] {
  // Letter, xid in a stream block, number of tables, option bits.
  const countAt = inStream ? 5 : 1;
  const first = countAt + 5;
  const fits = Math.max(0, Math.floor((message.length - first) / 4));
  const count = Math.min(fits, readU32(message, countAt));
  return Array.from({ length: count }, (_, i) => readU32(message, first + 4 * i));
}

/** The message with the version that `versionOf` gives for each table. */
export function withVersions(
  message: Uint8Array,
  inStream: boolean,
  versionOf: (oid: number) => number,
): Uint8Array {
  const oids = truncatedOids(message, inStream);
  const held = new Uint8Array(message.length + 4 * oids.length + 4);
  held.set(message);
  const view = new DataView(held.buffer, message.length);
  oids.forEach((oid, i) => {
    view.setInt32(4 * i, versionOf(oid));
  });
  view.setUint32(4 * oids.length, oids.length);
  return held;
}

/** Takes apart what {@link withVersions} made. */
export function splitVersions(
  held: Uint8Array,
  inStream: boolean,
): { readonly message: Uint8Array; readonly versions: ReadonlyMap<number, number> } {
  const count = readU32(held, held.length - 4);
  const size = held.length - 4 - 4 * count;
  const message = held.subarray(0, size);
  const oids = truncatedOids(message, inStream);
  return {
    message,
    versions: new Map(oids.map((oid, i) => [oid, readU32(held, size + 4 * i) | 0])),
  };
}
