import { tmpdir } from 'node:os';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import { SpillFolder } from '../capture/spillFile';
import type { Delivery, LogicalEvent } from '../logical/event';
import { ChangeFilter } from '../export/changeFilter';
import { FilteredEvents } from '../export/filteredEvents';
import type { FilterExpression } from '../filter/filterExpression';
import type { FilterProblem } from '../shared/filterApi';
import { EventDecoder } from '../logical/eventDecoder';
import type { RowSink } from '../logical/eventDelivery';
import { formatEvent } from '../logical/formatEvent';
import { StreamMask } from '../logical/streamMask';
import { TextEventDecoder } from '../logical/textPlugins/textEventDecoder';
import type { ColumnMask } from '../shared/columnMask';
import { NO_MASK } from '../shared/columnMask';
import type { TextPlugin } from '../shared/textPlugin';
import type { FindType } from '../logical/types/binary/binaryText';
import { readRawMessages } from './rawMessageFile';

export interface DecodeOptions {
  /** A file of raw messages, one JSON object a line; `-` for standard input. */
  readonly path: string;
  readonly delivery: Delivery;
  /** The output plugin that wrote the messages. */
  readonly plugin?: 'pgoutput' | TextPlugin;
  /** Takes a line of output without its end; a promise makes decoding wait. */
  readonly write: (line: string) => void | Promise<void>;
  /** Takes rows in the place of `write`, as far as it wants them. */
  readonly rows?: RowSink;
  /** Whose values are left out; absent: all are told. */
  readonly mask?: ColumnMask;
  /** Knows the types that are not built in, for values in binary form. */
  readonly findType?: FindType;
  /** Which changes are written; absent: all. */
  readonly filter?: FilterExpression;
  /** Takes one sentence about a line or message that could not be read; decoding goes on. */
  readonly onError: (text: string) => void;
}

export interface DecodeTotals {
  readonly messages: number;
  readonly events: number;
  /** Lines and messages that could not be read: the exit status is 1 when there are any. */
  readonly errors: number;
  /** Nothing passed, and the filter asks for what none of the tables had. */
  readonly filterHint?: FilterProblem;
}

/**
 * Decodes a file of raw messages into events of the native format, in bounded memory. Rejects when the
 * file cannot be read; what was read before has been written then.
 */
export async function decodeRawFile(options: DecodeOptions): Promise<DecodeTotals> {
  const { path, delivery, plugin = 'pgoutput', write, onError } = options;
  let messages = 0;
  let events = 0;
  let errors = 0;
  let current = { line: 0, lsn: INVALID_LSN };
  let written: Promise<void> | undefined;
  const complain = (where: string, reason: string): void => {
    errors++;
    onError(`${path}: ${where}: ${reason}`);
  };
  const { findType = () => undefined } = options;
  const { mask = NO_MASK } = options;
  const filter =
    options.filter === undefined ? undefined : new ChangeFilter(options.filter, findType, mask);
  const filtered = filter === undefined ? undefined : new FilteredEvents();
  const sink = (event: LogicalEvent): void => {
    if (event.kind === 'unknown' && event.error !== undefined) {
      // What waited for its commit is told then: its line is long gone, its position is not.
      const at = event.lsn === current.lsn ? `line ${current.line}: ` : '';
      complain(`${at}message at ${formatLsn(event.lsn)}`, event.error);
    }
    filter?.note(event);
    for (const left of filtered?.take(event) ?? [event]) put(left);
  };
  const put = (event: LogicalEvent): void => {
    events++;
    const writing = write(formatEvent(event));
    if (writing === undefined) return;
    // Lines are handed over in order without waiting for each; the slowest one is waited for below.
    written =
      written === undefined ? writing : Promise.all([written, writing]).then(() => undefined);
  };
  const drain = (): Promise<void> | undefined => {
    const waiting = written;
    written = undefined;
    return waiting;
  };
  const rows: RowSink = (payload, place, relation) => {
    // What a filter put off is told as events, which can be waited for.
    for (const event of filtered?.beforeRow(place, relation) ?? []) put(event);
    const isTaken = options.rows?.(payload, place, relation) === true;
    if (isTaken) events++;
    return isTaken;
  };
  const masking = mask.isEmpty ? undefined : new StreamMask(mask, plugin);
  const spill = new SpillFolder(tmpdir());
  const decoder =
    plugin === 'pgoutput'
      ? new EventDecoder({
          delivery,
          sink,
          rows,
          drain,
          spill,
          findType,
          ...(filter === undefined ? {} : { passes: filter.passes }),
        })
      : new TextEventDecoder({
          plugin,
          delivery,
          sink,
          drain,
          spill,
          ...(filter === undefined ? {} : { passes: filter.passesText }),
        });
  try {
    for await (const raw of readRawMessages(path, plugin === 'pgoutput' ? 'bytes' : 'text')) {
      if ('error' in raw) {
        complain(`line ${raw.line}`, raw.error);
        continue;
      }
      messages++;
      current = raw;
      const spilled = decoder.push(raw.lsn, masking?.apply(raw.payload) ?? raw.payload, raw.xid);
      if (spilled !== undefined) await spilled;
      const waiting = drain();
      if (waiting !== undefined) await waiting;
    }
  } finally {
    decoder.end();
  }
  const filterHint = filter?.hint();
  return { messages, events, errors, ...(filterHint === undefined ? {} : { filterHint }) };
}
