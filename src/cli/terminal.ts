import type { Writable } from 'node:stream';

/** What a command sees of the process it runs in. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether a person reads stderr: only then progress is shown. */
  readonly interactive: boolean;
  /**
   * Asks a person and resolves with the line they typed; undefined when they gave up. Absent where
   * nobody can be asked.
   */
  readonly ask?: (question: string) => Promise<string | undefined>;
  /** Aborted by the first Ctrl-C (or SIGTERM): end cleanly. */
  readonly interrupted: AbortSignal;
}
