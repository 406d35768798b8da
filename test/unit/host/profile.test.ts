import { describe, expect, it } from 'vitest';
import { freeName, nameProblem, readProfiles } from '../../../src/host/connections/profile';
import { formatProfileUrl, suggestName } from '../../../src/host/connections/profileUrl';
import { parseConnectionString } from '../../../src/postgres/connectionString';

describe('readProfiles', () => {
  it('reads what people write', () => {
    const { profiles, problems } = readProfiles([
      { name: ' shop ', url: 'postgresql://localhost/shop' },
      { name: 'prod', url: 'host=db', readOnly: true, label: ' live ', color: 'red' },
    ]);
    const unmarked = { label: '', color: '' };
    expect(profiles).toEqual([
      { name: 'shop', url: 'postgresql://localhost/shop', readOnly: false, ...unmarked },
      { name: 'prod', url: 'host=db', readOnly: true, label: 'live', color: 'red' },
    ]);
    expect(problems).toEqual([]);
  });

  it('reads through which SSH server, and connects to nothing else where that cannot be read', () => {
    const { profiles, problems } = readProfiles([
      { name: 'a', url: 'x', ssh: ' ops@bastion ' },
      { name: 'b', url: 'x', ssh: '' },
      { name: 'c', url: 'x', ssh: 22 },
      { name: 'd', url: 'x', sshHost: 'bastion' },
    ]);
    expect(profiles.map(({ name, ssh }) => [name, ssh])).toEqual([
      ['a', 'ops@bastion'],
      ['b', undefined],
    ]);
    expect(problems).toEqual([
      'Entry 3 has an ssh that is no text.',
      'Entry 4 has "sshHost" where "ssh" is meant.',
    ]);
  });

  it('reads masked columns, and masks everything where it cannot tell what is meant', () => {
    const { profiles, problems } = readProfiles([
      { name: 'a', url: 'x', maskedColumns: ['users.email', '*_token'] },
      { name: 'b', url: 'x', maskedColumns: [] },
      { name: 'c', url: 'x', maskedColumns: 'email' },
      { name: 'd', url: 'x', maskedColumns: ['email', 7] },
      { name: 'e', url: 'x', maskedColumns: ['a..b', 'email'] },
    ]);
    expect(profiles.map(({ maskedColumns }) => maskedColumns)).toEqual([
      ['users.email', '*_token'],
      undefined,
      ['*'],
      ['*'],
      ['a..b', 'email'],
    ]);
    expect(problems.map(problem => problem.slice(0, 30))).toEqual([
      'Entry 3 has maskedColumns that',
      'Entry 4 has maskedColumns that',
      'Entry 5 masks all values, beca',
    ]);
  });

  it('keeps the good entries beside bad ones and says what is wrong', () => {
    const { profiles, problems } = readProfiles([
      null,
      { url: 'x' },
      { name: 'a' },
      { name: 'b', url: 'x', readOnly: 'yes' },
      { name: 'c', url: 'x' },
      { name: 'c', url: 'y' },
    ]);
    expect(profiles.map(profile => profile.name)).toEqual(['c']);
    expect(problems).toHaveLength(5);
    expect(problems[4]).toContain('repeats the name "c"');
  });

  it('shows a server whose mark cannot be used, without it, and says so', () => {
    const { profiles, problems } = readProfiles([
      { name: 'a', url: 'x', color: 'pink', label: 'x'.repeat(31), colour: 'red' },
      { name: 'b', url: 'x', color: 1, label: [] },
    ]);
    expect(profiles.map(({ name, label, color }) => [name, label, color])).toEqual([
      ['a', '', ''],
      ['b', '', ''],
    ]);
    expect(problems).toEqual([
      'Entry 1 has a label that is no text of at most 30 characters.',
      'Entry 1 has a color that is none of red, orange, yellow, green, blue, purple.',
      'Entry 1 has "colour", which means nothing here.',
      'Entry 2 has a label that is no text of at most 30 characters.',
      'Entry 2 has a color that is none of red, orange, yellow, green, blue, purple.',
    ]);
  });

  it('does not open a server for changes because readOnly is spelled in another way', () => {
    const { profiles, problems } = readProfiles([{ name: 'prod', url: 'x', readonly: true }]);
    expect(profiles).toEqual([]);
    expect(problems).toEqual(['Entry 1 has "readonly" where "readOnly" is meant.']);
  });

  it.each([undefined, null])('is empty for %s', setting => {
    expect(readProfiles(setting)).toEqual({ profiles: [], problems: [] });
  });

  it('tells when the setting is no list', () => {
    expect(readProfiles({}).problems).toHaveLength(1);
  });
});

describe('names', () => {
  it('are neither empty, nor long, nor taken', () => {
    expect(nameProblem(' ', [])).toBeDefined();
    expect(nameProblem('x'.repeat(101), [])).toBeDefined();
    expect(nameProblem(' shop', ['shop'])).toBeDefined();
    expect(nameProblem('shop', ['other'])).toBeUndefined();
  });

  it('are made unique', () => {
    expect(freeName('shop', [])).toBe('shop');
    expect(freeName('shop', ['shop', 'shop 2'])).toBe('shop 3');
  });
});

describe('formatProfileUrl', () => {
  it.each([
    'postgresql://ada@db.example.com:5433/shop?sslmode=require',
    'postgresql://a%40b@%2Fvar%2Frun%2Fpostgresql:5432/my%20db',
    'postgresql://ada@[::1]:5432/shop',
    'service=prod',
    "host=db user='a b' dbname=x%y",
    'postgresql://',
    'postgresql://ada@db1:5433,[::1]:5434,db3:5435/shop?target_session_attrs=primary',
    'postgresql://db1,db2/shop',
    'postgresql://db1:1,db2/shop',
    'postgresql:///shop?hostaddr=10.0.0.1%2C10.0.0.2&port=1%2C2',
  ])('says the same as %s', text => {
    const parameters = parseConnectionString(text);
    expect(parseConnectionString(formatProfileUrl(parameters))).toEqual(parameters);
  });

  it('gives every host the port that is for all', () => {
    const url = formatProfileUrl(parseConnectionString('host=a,b port=6 dbname=shop'));
    expect(url).toBe('postgresql://a:6,b:6/shop');
  });

  it.each([
    'postgresql://ada:s3cret@db/shop',
    'host=db password=s3cret user=ada',
    'postgresql://db/shop?password=s3cret',
  ])('never holds the password: %s', text => {
    expect(formatProfileUrl(parseConnectionString(text))).not.toContain('s3cret');
  });
});

describe('suggestName', () => {
  it('names what and where', () => {
    expect(suggestName(parseConnectionString('postgresql://ada@db/shop'))).toBe('shop@db');
    expect(suggestName({})).toBe('localhost');
    expect(suggestName(parseConnectionString('postgresql://db1:1,db2:2/shop'))).toBe('shop@db1');
  });
});
