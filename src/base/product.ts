/** What we call ourselves to servers, files and people; the version is package.json's (a test compares). */
export const PRODUCT = {
  name: 'Postgres WAL Explorer',
  command: 'pgwal',
  version: '0.1.0',
} as const;
