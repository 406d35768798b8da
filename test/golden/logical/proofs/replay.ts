import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { INVALID_LSN, parseLsn } from '../../../../src/base/lsn';
import { ReplicationStream, type StreamEnd } from '../../../../src/postgres/replicationStream';
import type { WireRow } from '../cases';

export interface Replayed {
  /** Contents of the CopyData messages, in order. */
  readonly frames: readonly Uint8Array[];
  readonly end: StreamEnd;
}

/**
 * Gives a recorded conversation, from the answer to START_REPLICATION on, to our stream class over a
 * socket, in pieces of a size that cuts messages everywhere. Rejects with what `start` rejects with.
 */
export async function replay(rows: readonly WireRow[], pieceSize = 1013): Promise<Replayed> {
  const started = rows.findIndex(row => row.query?.startsWith('START_REPLICATION') === true);
  const answers = rows.slice(started + 1).filter(row => row.dir === 'B');
  // The recordings end with CommandComplete; the server says then that it takes commands again.
  const bytes = Buffer.concat([...answers.map(messageBytes), READY]);
  const server = createServer(client => {
    client.on('error', () => undefined);
    client.once('data', () => {
      for (let at = 0; at < bytes.length; at += pieceSize) {
        client.write(bytes.subarray(at, at + pieceSize));
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return await streamed(socket);
  } finally {
    socket.destroy();
    server.close();
  }
}

async function streamed(socket: Socket): Promise<Replayed> {
  const frames: Uint8Array[] = [];
  let ended: (end: StreamEnd) => void = () => undefined;
  const end = new Promise<StreamEnd>(resolve => {
    ended = resolve;
  });
  const positions = { received: () => INVALID_LSN, flushed: () => INVALID_LSN };
  const stream = new ReplicationStream(
    socket,
    { slot: 's', startLsn: INVALID_LSN, options: [], positions },
    {
      onFrame: payload => frames.push(payload.slice()),
      onEnd: ended,
      onServerError: () => undefined,
    },
  );
  await stream.start();
  return { frames, end: await end };
}

/** A message of the server as it was on the wire. */
function messageBytes(row: WireRow): Buffer {
  switch (row.type) {
    case 'w':
    case 'k':
      return message('d', copyData(row));
    case 'E': {
      const fields = Object.entries(row.fields ?? {}).map(([code, text]) => `${code}${text}\0`);
      return message('E', Buffer.from(`${fields.join('')}\0`));
    }
    default:
      return message(row.type ?? '', Buffer.from(row.hex ?? '', 'hex'));
  }
}

function copyData(row: WireRow): Buffer {
  if (row.type === 'k') {
    const head = Buffer.alloc(18);
    head.write('k');
    head.writeBigUInt64BE(parseLsn(row.end!)!, 1);
    head.writeBigInt64BE(BigInt(row.sendTime!), 9);
    head[17] = row.replyRequested!;
    return head;
  }
  const head = Buffer.alloc(25);
  head.write('w');
  head.writeBigUInt64BE(parseLsn(row.start!)!, 1);
  head.writeBigUInt64BE(parseLsn(row.end!)!, 9);
  head.writeBigInt64BE(BigInt(row.sendTime!), 17);
  return Buffer.concat([head, Buffer.from(row.data!, 'hex')]);
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const READY = message('Z', Buffer.from('I'));
