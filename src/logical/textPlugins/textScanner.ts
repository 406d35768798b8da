import type { Lsn } from '../../base/lsn';
import { lsnOfHalves } from '../../base/lsn';
import type { LogicalEvent } from '../event';
import { MessageLetter } from '../pgoutput/messageLetter';
import { edgeEvent } from './testDecoding';
import { ChangeText } from './testDecodingChange';
import type { TextItem } from './textChange';
import type { TextPlugin } from '../../shared/textPlugin';
import { TextError } from './textLine';
import { jsonHead } from './jsonHead';
import { Wal2jsonReader, wal2jsonEdge } from './wal2json';

/** So much of a text is looked at first: names and what happens stand before the values. */
const HEAD = 1024;
/** And so much where that was too little, as with a truncate of many tables. */
const LONG_HEAD = 60 * 1024;
/** A text that holds a whole transaction is read as a whole up to this length, in bytes. */
const WHOLE_LIMIT = 256 * 1024;

/** A text that is no change and no edge of a transaction, or one that holds several changes: '?'. */
export const TEXT_KIND = 0x3f;

/** A table and what happens to it, as a letter of pgoutput. */
export interface ScannedChange {
  readonly kind: number;
  readonly schema: string;
  readonly table: string;
}

/**
 * Reads from the texts of test_decoding and wal2json what the index of a capture needs, in the terms of
 * {@link MessageScanner}: each text has the letter of the pgoutput message that says the same. What a
 * text does not tell is 0. Never throws; nothing behind the names is read, but for a text that holds a
 * whole transaction (wal2json, format version 1).
 */
export class TextScanner {
  kind = TEXT_KIND;
  xid = 0;
  topXid = 0;
  inStream = false;
  /** A text does not tell whether a block is the first of its transaction. */
  readonly firstSegment = false;
  /** A message that belongs to no transaction. */
  isOutside = false;
  /** The table that changes, the first of several; undefined for none. */
  table: ScannedChange | undefined;
  /** The text is a transaction from its begin to its commit, with these changes; else undefined. */
  whole: readonly ScannedChange[] | undefined;

  readonly commitLsnHigh = 0;
  readonly commitLsnLow = 0;
  endLsnHigh = 0;
  endLsnLow = 0;
  /** Microseconds since 2000-01-01 UTC; 0 for none. */
  commitTime = 0n;

  readonly #plugin: TextPlugin;
  #blockXid = 0;
  #inBlock = false;
  #openXid = 0;

  constructor(plugin: TextPlugin) {
    this.#plugin = plugin;
  }

  /** Forgets the open transaction and block, as a new connection does. */
  reset(): void {
    this.#inBlock = false;
    this.#blockXid = 0;
    this.#openXid = 0;
  }

  /** Goes on within a transaction, or within a streamed block of one. */
  resume(xid: number, inBlock: boolean): void {
    if (inBlock) {
      this.#inBlock = true;
      this.#blockXid = xid;
    } else {
      this.#openXid = xid;
    }
  }

  /**
   * Reads the text at `start` .. `end` of `bytes`, the beginning of one that is `length` bytes long and
   * that the server sent at this position.
   */
  scan(
    bytes: Uint8Array,
    start: number,
    end: number,
    length: number,
    lsnHigh: number,
    lsnLow: number,
  ): void {
    this.kind = TEXT_KIND;
    this.table = undefined;
    this.whole = undefined;
    this.isOutside = false;
    this.endLsnHigh = this.endLsnLow = 0;
    this.commitTime = 0n;
    this.inStream = this.#inBlock;
    this.xid = this.topXid = this.#inBlock ? this.#blockXid : this.#openXid;
    const lsn = lsnOfHalves(lsnHigh, lsnLow);
    try {
      if (this.#plugin === 'test_decoding') this.#testDecoding(bytes, start, end, lsn);
      else this.#wal2json(bytes, start, end, length, lsn);
    } catch (error) {
      // What is not what the plugin writes is a text, and is shown as one.
      if (!(error instanceof TextError)) throw error;
      this.kind = TEXT_KIND;
    }
  }

  #testDecoding(bytes: Uint8Array, start: number, end: number, lsn: Lsn): void {
    let head = textAt(bytes, start, Math.min(end, start + HEAD));
    if (head.startsWith('table ')) {
      let found: ReturnType<ChangeText['head']>;
      try {
        found = new ChangeText(head).head();
      } catch (error) {
        if (end - start <= HEAD) throw error;
        head = textAt(bytes, start, Math.min(end, start + LONG_HEAD));
        found = new ChangeText(head).head();
      }
      const [{ schema, table } = { schema: '', table: '' }] = found.relations;
      this.#change({ kind: MessageLetter[found.operation], schema, table });
      return;
    }
    const message = MESSAGE.exec(head);
    if (message !== null) {
      this.#message(message[1] === '1');
      return;
    }
    const event = edgeEvent(head, { lsn, xid: 0 });
    if (event !== undefined) this.#edge(event);
  }

  #wal2json(bytes: Uint8Array, start: number, end: number, length: number, lsn: Lsn): void {
    const { fields, list } = jsonHead(textAt(bytes, start, Math.min(end, start + HEAD * 4)));
    const place = { lsn, xid: this.topXid };
    if (list === 'change' && !isChunkStart(bytes, start, end)) {
      const xid = Number(fields['xid'] ?? 0);
      this.xid = this.topXid = xid;
      const isRead = length <= WHOLE_LIMIT && end - start === length;
      const items = isRead ? new Wal2jsonReader().items(textAt(bytes, start, end), place) : [];
      const [only] = items;
      if (items.length === 1 && only?.kind === 'message') {
        this.#message(only.transactional);
        return;
      }
      this.#edge(wal2jsonEdge(fields, 'commit', place));
      this.kind = TEXT_KIND;
      this.whole = items.flatMap(item => scannedChange(item));
      const [first] = this.whole;
      // With one change the text is that change.
      if (this.whole.length === 1 && first !== undefined) this.#change(first);
      return;
    }
    const action = fields['action'] ?? fields['kind'];
    const operation = ACTIONS.get(action ?? '');
    if (operation !== undefined) {
      const { schema = '', table } = fields;
      if (operation === 'message') this.#message(fields['transactional'] === 'true');
      else if (table !== undefined) {
        this.#change({ kind: MessageLetter[operation], schema, table });
      }
    } else if (action === 'B' || list === 'change') {
      this.#edge(wal2jsonEdge(fields, 'begin', place));
    } else if (action === 'C' || CHUNK_END.test(textAt(bytes, start, Math.min(end, start + 8)))) {
      this.#edge(wal2jsonEdge(fields, 'commit', place));
    }
  }

  #change(change: ScannedChange): void {
    this.kind = change.kind;
    this.table = change;
  }

  #message(transactional: boolean): void {
    this.kind = MessageLetter.message;
    if (transactional) return;
    this.isOutside = true;
    this.xid = this.topXid = 0;
  }

  /** Begins and ends of transactions and of their blocks. */
  #edge(event: LogicalEvent): void {
    if (!(event.kind in EDGES)) return;
    this.kind = EDGES[event.kind as keyof typeof EDGES];
    const own = 'xid' in event ? (event.xid ?? 0) : 0;
    switch (event.kind) {
      case 'begin':
        this.#inBlock = this.inStream = false;
        this.#own((this.#openXid = own));
        this.commitTime = event.commitTime ?? 0n;
        break;
      case 'commit':
        if (own !== 0) this.#own(own);
        this.#openXid = 0;
        this.#end(event.endLsn, event.commitTime);
        break;
      case 'prepare':
        if (own !== 0) this.#own(own);
        this.#openXid = 0;
        this.#end(event.endLsn, event.prepareTime);
        break;
      case 'streamStart':
        this.#inBlock = this.inStream = true;
        this.#own((this.#blockXid = own));
        break;
      case 'streamStop':
        this.#inBlock = false;
        break;
      case 'streamCommit':
      case 'commitPrepared':
        this.#own(own);
        this.#end(event.endLsn, event.commitTime);
        break;
      case 'streamPrepare':
        this.#own(own);
        this.#end(event.endLsn, event.prepareTime);
        break;
      case 'rollbackPrepared':
        this.#own(own);
        this.#end(event.endLsn, event.rollbackTime);
        break;
      case 'streamAbort':
        this.#own(own);
        break;
      default:
    }
  }

  #own(xid: number): void {
    this.xid = this.topXid = xid;
  }

  #end(lsn: Lsn, time: bigint | undefined): void {
    this.endLsnHigh = Number(lsn >> 32n);
    this.endLsnLow = Number(lsn & 0xffff_ffffn);
    this.commitTime = time ?? 0n;
  }
}

const MESSAGE = /^(?:streaming )?message: transactional: ([01]) prefix: /;
const CHUNK_END = /^\s*\]\s*\}\s*$/;

const ACTIONS: ReadonlyMap<string, 'insert' | 'update' | 'delete' | 'truncate' | 'message'> =
  new Map([
    ['I', 'insert'],
    ['U', 'update'],
    ['D', 'delete'],
    ['T', 'truncate'],
    ['M', 'message'],
    ['insert', 'insert'],
    ['update', 'update'],
    ['delete', 'delete'],
    ['truncate', 'truncate'],
    ['message', 'message'],
  ]);

const EDGES = {
  begin: MessageLetter.begin,
  commit: MessageLetter.commit,
  prepare: MessageLetter.prepare,
  commitPrepared: MessageLetter.commitPrepared,
  rollbackPrepared: MessageLetter.rollbackPrepared,
  streamStart: MessageLetter.streamStart,
  streamStop: MessageLetter.streamStop,
  streamCommit: MessageLetter.streamCommit,
  streamAbort: MessageLetter.streamAbort,
  streamPrepare: MessageLetter.streamPrepare,
};

function scannedChange(item: TextItem): ScannedChange[] {
  switch (item.kind) {
    case 'row':
      return [{ kind: MessageLetter[item.operation], schema: item.schema, table: item.table }];
    case 'truncate':
      return item.relations.map(relation => ({ kind: MessageLetter.truncate, ...relation }));
    case 'message':
      return [{ kind: MessageLetter.message, schema: '', table: '' }];
    default:
      return [];
  }
}

/** Whether nothing but blanks follows the `[` of the list: its members come in texts of their own. */
function isChunkStart(bytes: Uint8Array, start: number, end: number): boolean {
  let at = end - 1;
  while (at > start && (bytes[at] ?? 0) <= 0x20) at--;
  return bytes[at] === 0x5b;
}

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return utf8.decode(bytes.subarray(start, end));
}

// What is no UTF-8 in a value does not keep the names before it from being read.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
