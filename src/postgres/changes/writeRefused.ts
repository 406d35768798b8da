export type RefusalCode =
  | 'read-only'
  | 'too-few-slots'
  | 'too-few-senders'
  | 'level-switch'
  | 'not-ours'
  /** Postgres cannot do this on a standby. */
  | 'standby'
  /** This version does not have what is asked for. */
  | 'version'
  | 'bad-name'
  | 'name-taken'
  | 'slot-missing'
  /** The slot is another one than the person saw, or stands elsewhere: show it anew. */
  | 'slot-moved'
  | 'slot-in-use'
  /** Synchronised from the primary: only that one changes it. */
  | 'slot-synced'
  | 'slot-invalid'
  | 'slot-temporary'
  /** It waits for running transactions, or has never kept WAL: there is nothing to move or copy yet. */
  | 'slot-unfinished'
  | 'target-behind'
  | 'target-beyond'
  | 'slot-elsewhere'
  /** Nothing may be read from it under this permission. */
  | 'no-permission'
  | 'tables-would-fail'
  | 'tables-refused'
  /** So many locks that other sessions may find none. */
  | 'too-many-locks';

/** A change that the gate did not let through. The message is for a person, with what to do. */
export class WriteRefused extends Error {
  override readonly name = 'WriteRefused';

  constructor(
    readonly code: RefusalCode,
    message: string,
    /** True when the same change passes with `override` (or `acceptFailing`), after the person was asked. */
    readonly overridable = false,
  ) {
    super(message);
  }
}
