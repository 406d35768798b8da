import { describe, expect, it } from 'vitest';
import {
  ConnectionStringError,
  parseConnectionString,
  parsePort,
  parseSslMode,
  parseTimeout,
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
  ])('%s', (text, expected) => {
    expect(parseConnectionString(text)).toEqual(expected);
  });

  it.each([
    ['postgresql://a,b/db', /Several hosts/],
    ['postgresql://h/db?host=a,b', /Several hosts/],
    ['postgresql://h/db?colour=red', /Unknown connection parameter "colour"/],
    ['postgresql://h/db?sslcrldir=x', /"sslcrldir" is not supported/],
    [
      'postgresql://h/db?target_session_attrs=read-write',
      /"target_session_attrs" is not supported/,
    ],
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
    'host=a,b',
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
    expect(parseTimeout('-1')).toBe(0);
    expect(parseTimeout('3')).toBe(3);
    expect(() => parseTimeout('soon')).toThrow();
  });
});
