/**
 * What the threads that write and read captures may take for objects that live shortly, in MB: three times
 * what V8 calls a semi-space. By itself it takes 48 of each thread, and keeps them; with 12 it collects more
 * often, each time in about a millisecond, and works no longer for that.
 */
export const WORKER_LIMITS = { maxYoungGenerationSizeMb: 12 } as const;
