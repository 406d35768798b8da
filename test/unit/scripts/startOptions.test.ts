import { describe, expect, it } from 'vitest';
import { parseStartOptions } from '../../../scripts/demo/startOptions';

describe('parseStartOptions', () => {
  it.each([
    [[], { open: true }],
    [['--no-open'], { open: false }],
    [['--port', '8080'], { open: true, port: 8080 }],
    [['--port=8080', '--no-open'], { open: false, port: 8080 }],
    [['--postgres', 'postgresql://h/d?a=b'], { open: true, postgres: 'postgresql://h/d?a=b' }],
    [['--postgres=postgresql://h/d?a=b'], { open: true, postgres: 'postgresql://h/d?a=b' }],
  ])('%j', (args, options) => {
    expect(parseStartOptions(args)).toEqual(options);
  });

  it.each([
    [['--port'], /--port/],
    [['--port', '0'], /--port/],
    [['--port', '70000'], /--port/],
    [['--postgres'], /--postgres/],
    [['--oops'], /--oops/],
  ])('refuses %j', (args, message) => {
    expect(parseStartOptions(args)).toMatch(message);
  });
});
