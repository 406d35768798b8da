import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvFile, suggestionsIn } from '../../../../src/postgres/suggestions/envFile';
import { interpolate } from '../../../../src/postgres/suggestions/interpolate';
import { readProgramUrl } from '../../../../src/postgres/suggestions/suggestion';

const valuesOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(readEnvFile(text));
const serversIn = (text: string) => suggestionsIn(readEnvFile(text));

describe('an .env file', () => {
  it('has names, quotes, comments and variables', () => {
    const text = [
      '\uFEFF# comment',
      'PLAIN=a b # said',
      'export EXPORTED = x',
      `SINGLE='$PLAIN # stays'`,
      'DOUBLE="${PLAIN} \\"quoted\\"" # gone',
      'EMPTY=',
      'HASH=#nothing',
      'URL=http://x/#anchor',
      'not a line',
      'LAST=${NONE:-${EXPORTED}}',
    ].join('\r\n');
    expect(valuesOf(text)).toEqual({
      PLAIN: 'a b',
      EXPORTED: 'x',
      SINGLE: '$PLAIN # stays',
      DOUBLE: 'a b "quoted"',
      EMPTY: '',
      HASH: '',
      URL: 'http://x/#anchor',
      LAST: 'x',
    });
  });

  it('names servers by URLs, whatever program reads them', () => {
    const text = `
      DATABASE_URL="postgresql://ada:s%40crit@localhost:5433/shop?schema=public&sslmode=require"
      ASYNC_URL=postgresql+asyncpg://bob@db/stock
      JDBC=jdbc:postgresql://db:5432/stock?user=eve&currentSchema=x
      OTHER=mysql://root@localhost/x
      BROKEN=postgres://a@b@c:x/y
      PATTERN=postgres://`;
    expect(serversIn(text)).toEqual([
      {
        what: 'DATABASE_URL',
        parameters: {
          user: 'ada',
          password: 's@crit',
          host: 'localhost',
          port: '5433',
          dbname: 'shop',
          sslmode: 'require',
        },
      },
      { what: 'ASYNC_URL', parameters: { user: 'bob', host: 'db', dbname: 'stock' } },
      {
        what: 'JDBC',
        parameters: { host: 'db', port: '5432', dbname: 'stock', user: 'eve' },
      },
    ]);
  });

  it('names servers by the variables of libpq and of the image', () => {
    expect(serversIn('PGHOST=h\nPGPORT=1\nPGUSER=u\nPGPASSWORD=p\nPGDATABASE=')).toEqual([
      {
        what: 'PGHOST, PGDATABASE, …',
        parameters: { host: 'h', port: '1', user: 'u', password: 'p' },
      },
    ]);
    expect(serversIn('POSTGRES_HOST=h\nPOSTGRES_DB=d')[0]?.parameters).toEqual({
      host: 'h',
      dbname: 'd',
    });
    expect(serversIn('PGUSER=u\nPOSTGRES_DB=d\nPOSTGRES_PASSWORD=p')).toEqual([]);
  });

  it('may hold anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        serversIn(text);
        serversIn(`DATABASE_URL=postgres://${text}\nX="\${${text}}"`);
        readProgramUrl(text);
      }),
    );
  }, 60_000);
});

describe('interpolate', () => {
  const variables = new Map([
    ['A', 'a'],
    ['EMPTY', ''],
  ]);
  it.each([
    ['$A-${A}', 'a-a'],
    ['$$A', '$A'],
    ['${NONE}|${NONE:-x}|${NONE-x}|${EMPTY:-x}|${EMPTY-x}', '|x|x|x|'],
    ['${A:+set}|${NONE:+set}|${EMPTY+set}|${EMPTY:+set}', 'set||set|'],
    ['${NONE:?must be set}|${A:?}', '|a'],
    ['${NONE:-${OTHER:-${A}}}', 'a'],
    ['${A', '${A'],
    ['$', '$'],
    ['${1:-x}', ''],
  ])('%s is %s', (text, result) => {
    expect(interpolate(text, variables)).toBe(result);
  });

  it('ends, however deep the defaults are', () => {
    expect(interpolate('${N:-'.repeat(1000) + '}'.repeat(1000), variables)).toBe('');
  });

  it('ends soon, however often braces stay open or variables name each other', () => {
    const started = performance.now();
    expect(interpolate('${'.repeat(100_000), variables)).toBe('');
    const lines = Array.from({ length: 40 }, (_, i) => `V${i + 1}=${`$V${i}`.repeat(10)}`);
    const last = readEnvFile(['V0=0123456789', ...lines].join('\n')).get('V40');
    expect(last).toBe('');
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
