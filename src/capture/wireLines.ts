import { ByteReader, DecodeError } from '../base/byteReader';
import { formatLsn } from '../base/lsn';
import {
  readDataHeader,
  readFrameLetter,
  readKeepaliveBody,
  readStatusBody,
} from '../base/replicationFrame';
import { formatPgTime } from '../base/time';
import { annotateFrame } from '../logical/annotateFrame';
import type { AnnotatedMessage } from '../logical/pgoutput/annotateMessage';
import { annotateMessage } from '../logical/pgoutput/annotateMessage';
import { MESSAGE_LABELS } from '../logical/pgoutput/messageName';
import type { MessageBytes } from '../shared/changeDetail';
import { BYTES_LIMIT } from '../shared/changeDetail';
import type { WireApi, WireLine, WirePage } from '../shared/wireApi';
import { WIRE_PAGE_LIMIT } from '../shared/wireApi';
import { CaptureError } from './captureError';
import type { CaptureFile } from './captureFile';
import { Conversation } from './conversation';
import type { ConversationPlace } from './conversation';
import { isPgoutput } from './decodedMessage';
import { DATA_HEADER_SIZE, FRAME, readGap, readSeam } from './frame';
import { gapText } from './gapText';
import type { IndexRow } from './indexChunk';
import { NONE, ROW } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';

/** Of a frame of our own this much is read for a line. */
const OWN_SIZE = 64 * 1024;

type Params<K extends keyof WireApi> = Parameters<WireApi[K]>[0];

/** Answers what is asked about the conversation of a capture: see {@link WireApi}. */
export class WireReader implements WireApi {
  readonly #file: CaptureFile;
  readonly #catalog: RelationCatalog;
  readonly #conversation: Conversation;

  constructor(file: CaptureFile, catalog: RelationCatalog) {
    this.#file = file;
    this.#catalog = catalog;
    this.#conversation = new Conversation(file);
  }

  async wire({ first, count, hideData }: Params<'wire'>): Promise<WirePage> {
    let problem: string | undefined;
    try {
      await this.#conversation.extend();
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      problem = error.message;
    }
    const rows = this.#conversation.rows(hideData);
    const end = Math.min(rows, first + Math.min(count, WIRE_PAGE_LIMIT));
    const lines: WireLine[] = [];
    for (let row = first; row < end; row++) {
      lines.push(await this.#line(this.#conversation.at(row, hideData)));
    }
    const { reached } = this.#conversation;
    const page = { rows, first, lines, reached, messages: this.#file.rows };
    return problem === undefined ? page : { ...page, problem };
  }

  wireRow({ seq, hideData }: Params<'wireRow'>): Promise<{ readonly row: number }> {
    return Promise.resolve({ row: this.#conversation.rowOf(seq, hideData) });
  }

  async wireFields(p: Params<'wireFields'>): ReturnType<WireApi['wireFields']> {
    const place = this.#place(p);
    if ('offset' in place) return annotateFrame(await this.#aside(place.offset));
    const { frame, payload, row, masked } = await this.#file.readMessage(place.seq);
    const annotated = annotateFrame(frame, this.#annotated(payload, row));
    return { ...annotated, ...(masked === undefined ? {} : { masked }) };
  }

  async wireBytes(p: Params<'wireBytes'>): Promise<MessageBytes> {
    const place = this.#place(p);
    const length = Math.min(p.length, BYTES_LIMIT);
    if ('offset' in place) {
      const frame = await this.#aside(place.offset);
      const bytes = frame.slice(p.offset, p.offset + length);
      return { bytes, offset: p.offset, total: frame.length };
    }
    const row = await this.#file.row(place.seq);
    const total = await this.#file.frameLength(row);
    const view = await this.#file.readFrame(row, p.offset, length);
    // A view would take its whole buffer along to the other side.
    return { bytes: view.slice(), offset: p.offset, total };
  }

  #annotated(payload: Uint8Array, row: IndexRow): AnnotatedMessage | undefined {
    if (!isPgoutput(row, this.#catalog)) return undefined;
    const relation = this.#catalog.relation(row.relation);
    return annotateMessage(payload, (row.flags & ROW.inStream) !== 0, relation);
  }

  #place({
    row,
    hideData,
  }: {
    readonly row: number;
    readonly hideData: boolean;
  }): ConversationPlace {
    if (row >= this.#conversation.rows(hideData)) {
      throw new CaptureError('not-found', `The conversation has no line ${String(row)}.`);
    }
    return this.#conversation.at(row, hideData);
  }

  /** A frame that is no message: some dozen bytes. */
  async #aside(offset: number): Promise<Uint8Array> {
    const size = new Uint8Array(4);
    await this.#file.readSpan(size, offset - 4);
    const frame = new Uint8Array(Math.min(OWN_SIZE, new DataView(size.buffer).getUint32(0, true)));
    await this.#file.readSpan(frame, offset);
    return frame;
  }

  async #line(place: ConversationPlace): Promise<WireLine> {
    if ('offset' in place) return asideLine(await this.#aside(place.offset), place.offset);
    const { seq } = place;
    const row = await this.#file.row(seq);
    const { offset, length } = row;
    const at = { seq, offset, length };
    if ((row.flags & ROW.ownFrame) !== 0) {
      return { ...at, ...ownLine(await this.#file.readFrame(row, 0, OWN_SIZE)) };
    }
    const head = new ByteReader(await this.#file.readFrame(row, 0, DATA_HEADER_SIZE));
    readFrameLetter(head);
    const { start, sendTime } = readDataHeader(head);
    const letter = String.fromCharCode(row.kind);
    const table = row.relation === NONE ? '' : this.#catalog.tableId(row.relation);
    return {
      ...at,
      kind: 'data',
      direction: 'received',
      time: sendTime === 0n ? '' : formatPgTime(sendTime),
      lsn: formatLsn(start),
      name: MESSAGE_LABELS[letter] ?? (letter === '?' ? 'Text' : `Message '${letter}'`),
      note: table === '' || row.xid === 0 ? table : `${table}, xid ${String(row.xid)}`,
    };
  }
}

function asideLine(frame: Uint8Array, offset: number): WireLine {
  const at = { seq: -1, offset, length: frame.length };
  const reader = new ByteReader(frame);
  try {
    switch (readFrameLetter(reader)) {
      case FRAME.keepalive: {
        const { walEnd, sendTime, replyRequested } = readKeepaliveBody(reader);
        return {
          ...at,
          kind: 'keepalive',
          direction: 'received',
          time: formatPgTime(sendTime),
          lsn: formatLsn(walEnd),
          name: 'Keepalive',
          note: replyRequested ? 'asks for an answer' : '',
        };
      }
      case FRAME.status: {
        const { written, flushed, applied, sendTime, replyRequested } = readStatusBody(reader);
        const note = `flushed ${formatLsn(flushed)}, applied ${formatLsn(applied)}`;
        return {
          ...at,
          kind: 'status',
          direction: 'sent',
          time: formatPgTime(sendTime),
          lsn: formatLsn(written),
          name: 'Status update',
          note: replyRequested ? `${note}, asks for an answer` : note,
        };
      }
      case FRAME.ourDone:
      case FRAME.serverDone: {
        const direction = frame[0] === FRAME.ourDone ? 'sent' : 'received';
        const note = direction === 'sent' ? 'we want no more' : 'the server sends no more';
        return { ...at, kind: 'done', direction, time: '', lsn: '', name: 'CopyDone', note };
      }
      default:
        break;
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return { ...at, ...unknownLine(frame) };
}

type OwnLine = Omit<WireLine, 'seq' | 'offset' | 'length'>;

function ownLine(frame: Uint8Array): OwnLine {
  const gap = readGap(frame);
  const seam = readSeam(frame);
  const own = { direction: 'none', time: '' } as const;
  if (gap !== undefined) {
    const lsn = formatLsn(gap.from);
    return { ...own, kind: 'gap', lsn, name: 'Gap', note: gapText(gap) };
  }
  if (seam !== undefined) {
    const lsn = formatLsn(seam.after);
    return { ...own, kind: 'seam', lsn, name: 'Seam', note: 'another connection goes on here' };
  }
  return unknownLine(frame);
}

function unknownLine(frame: Uint8Array): OwnLine {
  const letter = frame[0] ?? 0;
  const shown =
    letter > 0x20 && letter < 0x7f ? `'${String.fromCharCode(letter)}'` : String(letter);
  const note = 'a frame that this version does not know';
  return {
    kind: 'unknown',
    direction: 'received',
    time: '',
    lsn: '',
    name: `Unknown ${shown}`,
    note,
  };
}
