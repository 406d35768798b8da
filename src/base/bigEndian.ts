/**
 * Unsigned 32 bits at `at`, most significant byte first as Postgres sends them; bytes that are not there
 * count as 0. For loops over many messages, which make no DataView for each.
 */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) |
      ((bytes[at + 1] ?? 0) << 16) |
      ((bytes[at + 2] ?? 0) << 8) |
      (bytes[at + 3] ?? 0)) >>>
    0
  );
}
