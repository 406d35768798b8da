import { describe, expect, it } from 'vitest';
import {
  ConnectionStringError,
  parseConnectionString,
  parsePort,
  parseSslMode,
  parseSeconds,
} from '../../../src/postgres/connectionString';

describe('connection URIs', () => {
  it.each([
    ['postgresql://', {}],
    ['postgres://localhost', { host: 'localhost' }],
    ['postgresql://localhost:5433', { host: 'localhost', port: '5433' }],
    ['postgresql://localhost/mydb', { host: 'localhost', dbname: 'mydb' }],
    ['postgresql:///mydb', { dbname: 'mydb' }],
    ['postgresql:///mydb?host=/run/pg&port=6', { dbname: 'mydb', host: '/run/pg', port: '6' }],
    ['postgresql://%2Frun%2Fpg/mydb', { host: '/run/pg', dbname: 'mydb' }],
    ['postgresql://user@[::1]:5432/db', { user: 'user', host: '::1', port: '5432', dbname: 'db' }],
    [
      'postgresql://u%40x:p%3A%2F%25w@h/d%20b?sslmode=require&application_name=x',
      { user: 'u@x', password: 'p:/%w', host: 'h', dbname: 'd b', sslmode: 'require' },
    ],
    ['postgresql://u:p?q#r@h', { user: 'u', password: 'p?q#r', host: 'h' }],
    ['postgresql://:pw@h', { user: '', password: 'pw', host: 'h' }],
    ['postgresql://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['  postgresql://h  ', { host: 'h' }],
    ['postgresql://a:1,b:2/db', { host: 'a,b', port: '1,2', dbname: 'db' }],
    ['postgresql://a,b/db', { host: 'a,b', port: ',', dbname: 'db' }],
    ['postgresql://a:1,b', { host: 'a,b', port: '1,' }],
    [
      'postgresql://u:p@[::1]:1,%2Frun%2Fpg,h:3',
      { user: 'u', password: 'p', host: '::1,/run/pg,h', port: '1,,3' },
    ],
    [
      'postgresql://a/db?host=b,c&target_session_attrs=primary',
      { host: 'b,c', dbname: 'db', target_session_attrs: 'primary' },
    ],
  ])('%s', (text, expected) => {
    expect(parseConnectionString(text)).toEqual(expected);
  });

  it.each([
    ['postgresql://h/db?colour=red', /Unknown connection parameter "colour"/],
    ['postgresql://h/db?sslcrldir=x', /"sslcrldir" is not supported/],
    ['postgresql://h/db?oauth_issuer=x', /"oauth_issuer" is not supported/],
    ['postgresql://a,::1/db', /IPv6/],
    ['postgresql://u:hun@ter2@a,b/db', /^The URI has more than one "@"/],
    ['postgresql://u:50%@h', /%25/],
    [
      'postgresql://u:hun@ter2@h/db',
      /^The URI has more than one "@"; write "%40" for .*password\.$/,
    ],
    ['postgresql://u:a%00b@h', /zero byte/],
    ['postgresql://::1/db', /IPv6/],
    ['postgresql://h/db?sslmode', /no "="/],
    ['jdbc:postgresql://h/db', /postgresql:\/\//],
    ['mysql://h/db', /postgresql:\/\//],
    ['me:hunter@h/db', /^A connection string is postgresql:\/\/user@host\/database, or pairs/],
  ])('refuses %s', (text, reason) => {
    expect(() => parseConnectionString(text)).toThrow(reason);
  });
});

describe('connection strings of keys and values', () => {
  it.each([
    ['', {}],
    ['host=h port=5 dbname=d user=u', { host: 'h', port: '5', dbname: 'd', user: 'u' }],
    ["  host = h   password = 'a b\\'c\\\\d' ", { host: 'h', password: "a b'c\\d" }],
    ["user=u\\ v password=''", { user: 'u v', password: '' }],
    ['host=h\n\tuser=u', { host: 'h', user: 'u' }],
    ['host=a host=b', { host: 'b' }],
    ['host=a,b port=1,2', { host: 'a,b', port: '1,2' }],
  ])('%s', (text, expected) => {
    expect(parseConnectionString(text)).toEqual(expected);
  });

  it.each([
    'host',
    'host=h password=se cret',
    'host=h password=se cret=word',
    'postgresql://u:p@s?cret=word@h/db',
    "password='open",
    "a='b'c",
    '=x',
    'x=1',
  ])('refuses %s without repeating a value', text => {
    expect(() => parseConnectionString(text)).toThrow(ConnectionStringError);
    try {
      parseConnectionString(text);
    } catch (error) {
      expect(String(error)).not.toMatch(/cret/);
    }
  });

  it('ends in time on long input', () => {
    const started = performance.now();
    expect(() => parseConnectionString(`host='${'\\a'.repeat(50_000)}`)).toThrow();
    expect(() => parseConnectionString('a'.repeat(100_000))).toThrow();
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('values', () => {
  it('checks what has a form', () => {
    expect(parsePort('5432')).toBe(5432);
    for (const bad of ['0', '65536', 'x', '', '-1', '5432 ']) {
      expect(() => parsePort(bad)).toThrow(ConnectionStringError);
    }
    expect(parseSslMode('verify-full')).toBe('verify-full');
    expect(() => parseSslMode('no-verify')).toThrow(/verify-ca/);
    expect(parseSeconds('connect_timeout', '-1')).toBe(0);
    expect(parseSeconds('connect_timeout', '3')).toBe(3);
    expect(() => parseSeconds('keepalives_idle', 'soon')).toThrow('keepalives_idle must be');
  });
});
