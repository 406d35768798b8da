import { formatLsn, toLsn } from '../../src/base/lsn';
import type { Field } from '../../src/base/fieldReader';
import type { MessageBytes } from '../../src/shared/changeDetail';
import type { WireLine, WirePage } from '../../src/shared/wireApi';

/** After ten messages comes a keepalive, and our answer. */
const ROUND = 12;
const DATA = 10;
/** A round in which the first message is a gap. */
const GAP_ROUND = 3;

/** The conversation of a computed capture of so many messages. */
export class FakeWire {
  /** `reached`: messages from here on are not gone through yet. */
  constructor(
    readonly messages: number,
    readonly reached: number,
  ) {}

  page(first: number, count: number, hideData: boolean): WirePage {
    const reached = Math.min(this.reached, this.messages);
    const rows = this.#rows(hideData, reached);
    const lines: WireLine[] = [];
    for (let row = first; row < Math.min(rows, first + count); row++) {
      lines.push(lineAt(hideData ? shownRow(row) : row));
    }
    return { rows, first, lines, reached, messages: this.messages };
  }

  rowOf(seq: number, hideData: boolean): number {
    if (seq >= Math.min(this.reached, this.messages)) return -1;
    const row = Math.floor(seq / DATA) * ROUND + (seq % DATA);
    if (!hideData) return row;
    for (let hidden = 0; ; hidden++) if (shownRow(hidden) >= row) return hidden;
  }

  fields(row: number, hideData: boolean): { fields: Field[]; error: string } {
    const { name } = lineAt(hideData ? shownRow(row) : row);
    const field = (of: string, offset: number, length: number): Field => ({
      name: of,
      value: name,
      meaning: `What ${of} means`,
      offset,
      length,
      children: [],
    });
    return { fields: [field('type', 0, 1), field('walEnd', 1, 8), field('rest', 9, 9)], error: '' };
  }

  bytes(offset: number, length: number): MessageBytes {
    const bytes = Uint8Array.from({ length: 18 }, (_, i) => i + 0x40);
    return { bytes: bytes.slice(offset, offset + length), offset, total: 18 };
  }

  #rows(hideData: boolean, reached: number): number {
    const rounds = Math.floor(reached / DATA);
    if (!hideData) return rounds * ROUND + (reached % DATA);
    return 2 * rounds + (rounds > GAP_ROUND ? 1 : 0);
  }
}

/** The row, among all, of a line that is shown without the XLogData. */
function shownRow(hidden: number): number {
  const gap = 2 * GAP_ROUND;
  if (hidden === gap) return GAP_ROUND * ROUND;
  const n = hidden > gap ? hidden - 1 : hidden;
  return Math.floor(n / 2) * ROUND + DATA + (n % 2);
}

function lineAt(row: number): WireLine {
  const round = Math.floor(row / ROUND);
  const n = row % ROUND;
  const seq = round * DATA + n;
  const lsn = formatLsn(toLsn(BigInt(0x16b0000 + row * 0x68)));
  const time = `2026-11-20T13:${String(round % 60).padStart(2, '0')}:0${String(n % 10)}.123456Z`;
  const at = { offset: 120 + row * 60, length: 61, time, lsn };
  if (n === DATA) {
    const note = round % 2 === 0 ? 'asks for an answer' : '';
    return {
      ...at,
      kind: 'keepalive',
      direction: 'received',
      seq: -1,
      length: 18,
      name: 'Keepalive',
      note,
    };
  }
  if (n > DATA) {
    const note = `flushed ${lsn}, applied ${lsn}`;
    return {
      ...at,
      kind: 'status',
      direction: 'sent',
      seq: -1,
      length: 34,
      name: 'Status update',
      note,
    };
  }
  if (round === GAP_ROUND && n === 0) {
    const note = '3.1 MB of WAL not seen: the connection was lost';
    return { ...at, kind: 'gap', direction: 'none', seq, time: '', name: 'Gap', note };
  }
  const name = n === 0 ? 'Begin' : n === DATA - 1 ? 'Commit' : 'Insert';
  const note = name === 'Insert' ? 'shop.orders, xid 763' : '';
  return { ...at, kind: 'data', direction: 'received', seq, name, note };
}
