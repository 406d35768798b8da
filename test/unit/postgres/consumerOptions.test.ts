import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseConsumerCommand,
  splitIdentifiers,
} from '../../../src/postgres/catalog/consumerOptions';
import { publicationNames } from '../../../src/postgres/quote';
import { startCommand } from '../../../src/postgres/replicationStream';
import { toLsn } from '../../../src/base/lsn';

describe('parseConsumerCommand', () => {
  it('reads what subscriptions and tools send', () => {
    const subscription = parseConsumerCommand(
      `START_REPLICATION SLOT "sub" LOGICAL 0/16B6C50 (proto_version '4', streaming 'parallel', origin 'any', publication_names '"pub ""a"", 1","b"')`,
    )!;
    expect(subscription.slot).toBe('sub');
    expect(subscription.startLsn).toBe(0x16b6c50n);
    expect(subscription.publications).toEqual(['pub "a", 1', 'b']);
    expect(subscription.options[1]).toEqual(['streaming', 'parallel']);
    expect(subscription.isComplete).toBe(true);
    const debezium = parseConsumerCommand(
      `START_REPLICATION SLOT "debezium" LOGICAL 0/0 ("proto_version" '1', "publication_names" 'Dbz_Publication', "messages" 'true')`,
    )!;
    expect(debezium.publications).toEqual(['dbz_publication']);
    const bare = parseConsumerCommand('start_replication slot s logical 1/AB')!;
    expect(bare).toMatchObject({ slot: 's', options: [], publications: [], isComplete: true });
    const flag = parseConsumerCommand(
      `START_REPLICATION SLOT s LOGICAL 0/0 ("skip-empty-xacts", "x" '1')`,
    )!;
    expect(flag.options).toEqual([
      ['skip-empty-xacts', undefined],
      ['x', '1'],
    ]);
  });

  it('keeps what is whole of a command that was cut', () => {
    const cut = parseConsumerCommand(
      `START_REPLICATION SLOT "s" LOGICAL 0/0 (proto_version '1', publication_names '"a","b`,
    )!;
    expect(cut.isComplete).toBe(false);
    expect(cut.options).toEqual([['proto_version', '1']]);
    expect(cut.publications).toEqual([]);
  });

  it.each([
    'SELECT 1',
    '',
    'START_REPLICATION SLOT',
    'START_REPLICATION SLOT s PHYSICAL 0/0',
    'START_REPLICATION 0/0 TIMELINE 1',
    'START_REPLICATION SLOT s LOGICAL x',
  ])('is undefined for %j', text => {
    expect(parseConsumerCommand(text)).toBeUndefined();
  });

  it('reads back every command of ours', () => {
    const text = fc.string({ unit: 'grapheme' }).filter(s => !s.includes('\0'));
    fc.assert(
      fc.property(
        fc.array(
          text.filter(s => s !== ''),
          { minLength: 1 },
        ),
        fc.array(fc.tuple(text, text)),
        (publications, more) => {
          const names: readonly [string, string] = [
            'publication_names',
            publicationNames(publications),
          ];
          const options = [names, ...more.map(([name, value]) => [`x${name}`, value] as const)];
          const command = startCommand({
            slot: 'walexplorer_tail',
            startLsn: toLsn(0x1_0000_0002n),
            options,
            positions: { received: () => toLsn(0n), flushed: () => toLsn(0n) },
          });
          const read = parseConsumerCommand(command)!;
          expect(read.publications).toEqual(publications);
          expect(read.options).toEqual(options);
          expect(read.startLsn).toBe(0x1_0000_0002n);
          expect(read.isComplete).toBe(true);
        },
      ),
    );
  });

  it('splits identifiers as the server does', () => {
    expect(splitIdentifiers(' A , "B b" ,c')).toEqual(['a', 'B b', 'c']);
    expect(splitIdentifiers('')).toEqual([]);
  });
});
