/** Builds the project in `root` into `outdir`, which is made anew. */
export function buildAll(options: {
  readonly root: string;
  readonly outdir: string;
  readonly minify: boolean;
}): Promise<void>;
