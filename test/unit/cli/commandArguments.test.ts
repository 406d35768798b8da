import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/cli/cliError';
import type { Command } from '../../../src/cli/command';
import { CommandArguments } from '../../../src/cli/commandArguments';

const COMMAND: Command = {
  name: 'sample',
  summary: '',
  usage: [''],
  positionals: ['FILE'],
  description: [],
  options: [
    { name: 'publication', value: 'P', multiple: true, help: '' },
    { name: 'limit', value: 'N', help: '' },
    { name: 'idle', value: 'SECONDS', help: '' },
    { name: 'size', value: 'SIZE', help: '' },
    { name: 'until-lsn', value: 'LSN', help: '' },
    { name: 'format', value: 'F', help: '' },
    { name: 'json', help: '' },
  ],
  run: () => Promise.resolve(0),
};

const parse = (...argv: string[]): CommandArguments =>
  CommandArguments.parse(COMMAND, [...argv, 'file']);

describe('CommandArguments', () => {
  it('takes options in both forms, and repeated ones in order', () => {
    const args = parse('--publication', 'a,b', '--publication=c', '--json', '--limit=7');
    expect(args.texts('publication')).toEqual(['a,b', 'c']);
    expect(args.flag('json')).toBe(true);
    expect(args.count('limit')).toBe(7);
    expect(args.positionals).toEqual(['file']);
    expect(args.texts('limit')).toEqual([]);
  });

  it.each([
    [['--nothing'], /unknown option '--nothing'/],
    [['--limit'], /limit/],
    [['more', 'than', 'one'], /unexpected argument "than"/],
  ])('refuses %j', (argv, message) => {
    expect(() => CommandArguments.parse(COMMAND, argv)).toThrow(message);
    expect(() => CommandArguments.parse(COMMAND, argv)).toThrow(UsageError);
  });

  it('names the argument that is missing', () => {
    expect(() => CommandArguments.parse(COMMAND, [])).toThrow('FILE is missing');
  });

  it.each(['0', '-1', '1.5', 'x', '9007199254740993'])('takes no count %s', text => {
    expect(() => parse(`--limit=${text}`).count('limit')).toThrow(UsageError);
  });

  it('reads seconds, sizes and positions', () => {
    const args = parse('--idle=2.5', '--size=500MB', '--until-lsn=0/16b6c50');
    expect(args.seconds('idle')).toBe(2.5);
    expect(args.size('size')).toBe(500 * 1024 * 1024);
    expect(args.lsn('until-lsn')).toBe(0x16b6c50n);
    expect(() => parse('--size=1XB').size('size')).toThrow(UsageError);
    expect(() => parse('--idle=0').seconds('idle')).toThrow(UsageError);
    expect(() => parse('--until-lsn=16b6c50').lsn('until-lsn')).toThrow(UsageError);
  });

  it('keeps to the choices', () => {
    expect(parse().choice('format', ['jsonl', 'capture'], 'jsonl')).toBe('jsonl');
    expect(() => parse('--format=csv').choice('format', ['jsonl', 'capture'], 'jsonl')).toThrow(
      '--format is jsonl or capture, not "csv"',
    );
  });
});
