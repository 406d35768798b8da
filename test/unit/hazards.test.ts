import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../scripts/projectRoot';

/** What is known to go wrong with logical decoding and its clients, and the tests that prove that it does not here. */
const HAZARDS: readonly (readonly [hazard: string, ...tests: string[]])[] = [
  // Slots and the SQL interface.
  [
    'the SQL functions materialise: a huge transaction is peeked at with streaming, under a budget',
    'shows its first rows within two seconds and is cancelled at once',
    'peeks through the SQL functions where that is asked for',
  ],
  [
    'a peek reads a temporary copy of the slot, which stays as it is, also while it is consumed',
    'copies a slot in use without touching it',
    'does not disturb an active consumer, and takes its options where they show',
    'shows every pending change as test_decoding sees it, and leaves the slot where it is',
  ],
  [
    'a slot cannot be moved backwards or past the end of WAL, and moving it may take long',
    'refuses a position that is not between the slot and the end of WAL',
    'copies a slot or does not, at whatever moment it is given up, and says which',
  ],
  [
    'the server sends again after a crash: what comes twice is recognised',
    'delivers once what the server sends from its beginning again',
    'holds every change once when the server crashes and when it restarts',
    'leaves out a message outside transactions that a text plugin sends again',
  ],
  [
    'a slot that somebody else moved on starts later than asked for',
    'leaves a slot alone that moved, or was made anew, since it was looked at',
    'says what its slot lost meanwhile, and takes no other Continue',
  ],
  [
    'slots are lost, invalid, in use or of another database',
    'says that a slot is lost',
    'a slot was idle for too long',
    'WAL that a slot needs is removed, under us and before',
    'slots that are missing, in use, of another database, lost',
  ],
  [
    'names of slots',
    'makes names that a slot may have, for every user',
    'refuses names that are taken or impossible, and plugins that are not there',
  ],
  [
    'a new slot waits for every running transaction, and is left behind by who gives up',
    'says for whom it waits, and is cancelled at once',
    'leaves no slot when it is killed while it waits for an open transaction',
    'gives up waiting on a cancel request, and at its lock timeout',
  ],
  [
    'a publication makes UPDATE and DELETE fail on tables without identity',
    'lists the very tables on which UPDATE and DELETE start to fail',
  ],
  [
    'a publication that is younger than the slot, missing (a warning from 18 on) or dropped',
    'the publication is younger than the slot',
    'surfaces what the server says of a publication that does not exist',
    'the publication is dropped: an end on every version',
  ],
  // The replication connection and feedback.
  [
    'the end of a commit is confirmed exactly: one more would lose a commit that begins there',
    'is the exact end of a commit, so that one that begins there is not lost',
  ],
  [
    'only what is durable is confirmed: of our own slots, keepalives included',
    'confirms what it wrote, so that it retains next to nothing',
    'confirms nothing that is not in the file when its thread is ended without a word',
    'counts changes and knows the end of the last complete transaction',
  ],
  [
    'nothing is confirmed of a slot of somebody else',
    'confirms what the policy says, and nothing for an observer',
    'streams a slot of somebody else without confirming anything, whatever it is told',
    'leaves the slot of a standby where it is',
  ],
  [
    'keepalives are answered at once, also while nothing is read',
    'answer keepalives that ask',
    'ends when the server ends it while it is held, and is silent then',
  ],
  [
    'a slow reader holds the socket, not the feedback',
    'cuts messages of every size at every place, with a held socket in between',
    'keeps memory and disk within bounds and waits for a slow reader',
  ],
  [
    'a dead client leaves a walsender behind',
    'leaves no slot when the network is cut without a word',
    'leaves no slot when its process is killed',
  ],
  ['a pooler stands in the way', 'a pooler in the way'],
  ['names and literals are quoted', 'quotes what is hostile', 'takes any name as it is'],
  // We as a client.
  [
    'a shutdown never waits for us',
    'never delays a fast shutdown, with its socket read or paused',
    'ends with the reason at a shutdown, which does not wait for it',
  ],
  [
    'a commit never waits for us, nor for a stream of WAL',
    'is never a synchronous standby that commits wait for',
    'gives the bytes of the segment files, over their borders, without any slot',
  ],
  [
    'a slot belongs to a database',
    'peeks in the database of the slot, whatever database is connected to',
    'works in the database of the slot, wherever it is asked from',
  ],
  ['no snapshot is exported', 'waits without keeping the vacuum of another database from its work'],
  [
    'a large transaction is not spilled for us',
    'shows its first rows within two seconds and is cancelled at once',
  ],
  [
    'the level of WAL is not switched unasked',
    'keeps two free, and asks before the WAL level switches',
  ],
  [
    'settings of a role do not falsify values',
    'gives values as they are stored, whatever the role prescribes',
    'decodes with settings of its own, whatever the role prescribes',
  ],
  [
    'a database of no encoding is read as bytes',
    'takes an SQL_ASCII database as it is',
    'takes SQL_ASCII as it is and asks for UTF-8 elsewhere',
  ],
  ['a copy is not its slot', 'creates, copies, advances and drops logical slots'],
  [
    'read-only is kept by us, because the server does not',
    'refuses every change there is, and the server stays as it was',
    'stand in the write gate and nowhere else',
  ],
  [
    'others find a free slot and a free sender',
    'leaves two slots and two senders to others, unless it is insisted on',
  ],
  ['options of consumers are read where they show', 'reads back every command of ours'],
  [
    'a standby can be peeked at',
    'creates no publication, and no logical slot before 16, and says where to go',
  ],
  // The bytes of pgoutput.
  [
    'a stray Stream Abort at protocol 1',
    'a stray Stream Abort of 18 at protocol 1 is nothing but an abort',
  ],
  [
    'the end of a prepared transaction without its beginning',
    'the end of a transaction that was prepared before the stream began comes alone',
  ],
  [
    'unknown messages are shown with their bytes, and the stream goes on',
    'keeps an unknown letter with its bytes',
    'becomes an unknown event, and the stream goes on',
  ],
  [
    'an xid stands in messages of stream blocks only, also in Relation and Type',
    'reads the xid of a message only inside a stream block',
    'gives back what was encoded, for every kind of message',
  ],
  [
    'xids and OIDs are unsigned, positions have 64 bits',
    'reads xids and OIDs as unsigned',
    'reads positions above 2^63 as unsigned',
  ],
  [
    'streamed transactions are interleaved, aborted in part, and spilled',
    '1,000 open ones are interleaved, each comes whole at its commit, without what was aborted',
    'one of many rows is delivered in bounded memory, and leaves no file',
    'a disk that is full while one is put aside is one clear error',
  ],
  [
    'a description of a table is in force from its arrival on',
    'decodes a row by the description that was current when it came',
    'shows what a streamed transaction altered to itself only, until it commits',
  ],
  [
    'NULL, empty, unchanged and absent are four things',
    'tells apart NULL, the empty string, unchanged and absent',
    'takes an unchanged value from the old row where that was sent',
  ],
  [
    'types: other OIDs in each database, binary forms that are not known',
    'names other types as they were announced, and else says the OID',
    'leaves what it does not know, and what is not of its type, as bytes',
  ],
  ['messages outside transactions', 'passes messages outside transactions on at once'],
  [
    'two_phase stays on for good where it is given at the start: only by permission',
    'has no way past the permission: what it was given for, and nothing else',
  ],
  [
    'the texts of test_decoding and wal2json',
    'a peek, and a tail without a publication, tell the values that pgoutput tells',
    'the table in docs/golden.md is true',
  ],
  [
    'damaged input',
    'damaged input never crashes, hangs, is read past its end or grows without bound',
  ],
];

describe('what goes wrong in others', () => {
  const titles = readdirSync(path.join(PROJECT_ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .filter(file => path.basename(file) !== 'hazards.test.ts')
    .map(file => readFileSync(path.join(PROJECT_ROOT, 'test', file), 'utf8'))
    .join('\n');

  it.each(HAZARDS)('%s', (...[, ...tests]) => {
    expect(tests.length).toBeGreaterThan(0);
    expect(tests.filter(title => !titles.includes(`${title}'`))).toEqual([]);
  });
});
