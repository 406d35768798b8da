import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readComposeFile } from '../../../../src/postgres/suggestions/composeFile';
import { readEnvFile } from '../../../../src/postgres/suggestions/envFile';

/** What is found in a compose file with these env files beside it. */
const read = (text: string, files: Readonly<Record<string, string>> = {}) =>
  readComposeFile(text, name => readEnvFile(files[name] ?? ''));
const serversIn = (text: string, files: Readonly<Record<string, string>> = {}) => {
  const result = read(text, files);
  if ('problem' in result) throw new Error(result.problem);
  return result.suggestions;
};
const withPorts = (ports: string): string => `services: {db: {image: postgres, ports: ${ports}}}`;
const placesOf = (ports: string) =>
  serversIn(withPorts(ports)).map(({ parameters }) => [parameters.host, parameters.port]);

describe('a compose file', () => {
  it('has servers with user, database, password and port', () => {
    const text = `
      x-common: &common
        POSTGRES_USER: ada
      services:
        web: {image: nginx, ports: ["80:80"]}
        rest: {image: postgrest/postgrest, ports: ["3000:5432"]}
        db:
          image: postgres:18
          environment:
            <<: *common
            POSTGRES_PASSWORD: \${DB_PASSWORD:-secret}
            POSTGRES_DB: shop
          ports: ["\${DB_PORT:-5433}:5432"]
        spatial:
          image: postgis/postgis:17-3.5
          environment: [POSTGRES_PASSWORD=p=q, POSTGRES_USER]
          ports: [{target: 5432, published: "6000", host_ip: 127.0.0.1}]
        built:
          build: ./db
          env_file: [db.env]
          ports: ["5432:5432"]
        hidden: {image: postgres}`;
    expect(
      serversIn(text, {
        '.env': 'DB_PORT=7777\nPOSTGRES_USER=eve',
        'db.env': 'POSTGRES_PASSWORD=x',
      }),
    ).toEqual([
      {
        what: 'service db',
        parameters: {
          host: 'localhost',
          port: '7777',
          user: 'ada',
          dbname: 'shop',
          password: 'secret',
        },
      },
      {
        what: 'service spatial',
        parameters: {
          host: '127.0.0.1',
          port: '6000',
          user: 'eve',
          dbname: 'eve',
          password: 'p=q',
        },
      },
      {
        what: 'service built',
        parameters: {
          host: 'localhost',
          port: '5432',
          user: 'postgres',
          dbname: 'postgres',
          password: 'x',
        },
      },
    ]);
  });

  it.each([
    ['["5433:5432"]', [['localhost', '5433']]],
    ['["5433:5432/tcp"]', [['localhost', '5433']]],
    ['["0.0.0.0:5433:5432"]', [['localhost', '5433']]],
    ['["[::1]:5433:5432"]', [['::1', '5433']]],
    ['["8080:80", "5433:5432"]', [['localhost', '5433']]],
    ['["5432"]', []],
    ['[5432]', []],
    ['["5433:5433"]', []],
    ['["5000-5010:5432"]', []],
    ['[{target: 5432}]', []],
    ['[{target: 5432, published: 6000}]', [['localhost', '6000']]],
    ['[null, {}, [], 1.5, "x"]', []],
    ['"5433:5432"', [['localhost', '5433']]],
  ])('publishes %s', (ports, places) => {
    expect(placesOf(ports)).toEqual(places);
  });

  it('says in one line why it cannot be read', () => {
    for (const text of ['services: [', 'a: b: c', '\t- x', 'x: *none']) {
      const result = read(text);
      expect('problem' in result && result.problem).toMatch(/^.+$/);
    }
  });

  it('does not swallow memory by aliases of aliases', () => {
    const levels = Array.from({ length: 12 }, (_, i) =>
      i === 0 ? 'l0: &l0 [x,x,x,x,x,x,x,x,x]' : `l${i}: &l${i} [${`*l${i - 1},`.repeat(9)}]`,
    );
    expect(read(levels.join('\n'))).toHaveProperty('problem');
  });

  it.each([
    '',
    'services:',
    'services: x',
    'services: {a: null, b: 1, c: [], __proto__: {image: postgres}}',
    '42',
  ])('may be of any shape: %s', text => {
    expect(serversIn(text)).toEqual([]);
  });

  it('may hold anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.json(), (text, json) => {
        read(text);
        read(json);
        read(
          `services:\n  db:\n    image: postgres\n    ports: ["1:5432"]\n    environment: ${json}`,
        );
      }),
    );
  }, 60_000);
});
