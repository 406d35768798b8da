import { expect } from 'vitest';
import { formatLsn } from '../../../../src/base/lsn';
import { DATA_HEADER_SIZE, frameLsn } from '../../../../src/capture/frame';
import { ServerError } from '../../../../src/postgres/serverError';
import { KEEPALIVE, readKeepalive } from '../../../../src/postgres/statusUpdate';
import { decodeRows, type LogicalFixtures } from '../cases';
import { eventShapes, eventValues } from '../shapes';
import { replay } from './replay';

/** A conversation with a walsender: the same events as the SQL function gave. Returns its frames. */
export async function proveWire(fixtures: LogicalFixtures, name: string): Promise<number> {
  const rows = fixtures.conversation(name);
  const { frames, end } = await replay(rows);
  expect(end).toEqual({ kind: 'completed' });
  const recorded = rows.filter(row => row.type === 'w' || row.type === 'k');
  expect(frames.length).toBe(recorded.length);
  const messages: { lsn: string; data: string }[] = [];
  const wrong: string[] = [];
  recorded.forEach((row, i) => {
    const frame = frames[i]!;
    const isKeepalive = frame[0] === KEEPALIVE;
    const lsn = formatLsn(isKeepalive ? readKeepalive(frame).walEnd : frameLsn(frame, 1));
    const data = isKeepalive
      ? undefined
      : Buffer.from(frame.subarray(DATA_HEADER_SIZE)).toString('hex');
    if (data !== undefined) messages.push({ lsn, data });
    if (lsn !== (isKeepalive ? row.end : row.start) || data !== row.data) wrong.push(`frame ${i}`);
  });
  expect(wrong).toEqual([]);
  const settings = { delivery: 'assembled', findType: fixtures.findType } as const;
  const streamed = await decodeRows(messages, settings);
  const peeked = await decodeRows(fixtures.rows(name.replace('.wire', '')), settings);
  expect(eventShapes(streamed)).toEqual(eventShapes(peeked));
  expect(eventValues(streamed)).toEqual(eventValues(peeked));
  return frames.length;
}

/** A walsender that refuses: its error arrives with its code and words. Returns the errors. */
export async function proveRefusal(fixtures: LogicalFixtures, name: string): Promise<number> {
  const rows = fixtures.conversation(name);
  const wanted = rows.filter(row => row.type === 'E').map(row => row.fields!);
  expect(wanted.map(fields => fields['M'])).toEqual(fixtures.cases[name]!.errors);
  const [fields] = wanted;
  if (fields === undefined) {
    // From 18 on a publication that is not there is no error: nothing of it is sent.
    const { frames, end } = await replay(rows);
    expect(end).toEqual({ kind: 'completed' });
    expect(frames.filter(frame => frame[0] === 0x77)).toEqual([]);
    return frames.length;
  }
  const error = await replay(rows).then(
    ({ end }) => (end.kind === 'error' ? end.error : undefined),
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ServerError);
  expect(error).toMatchObject({ message: fields['M'], sqlState: fields['C'] });
  return wanted.length;
}
