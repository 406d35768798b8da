/** Builds everything that ships into `outdir` (dist by default), which is made anew. */
export function buildAll(options?: {
  readonly outdir?: string;
  readonly minify?: boolean;
}): Promise<void>;
