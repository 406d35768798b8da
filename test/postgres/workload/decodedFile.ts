import { createReadStream } from 'node:fs';
import readline from 'node:readline';
import type { CliEvent } from '../session/cliProcess';
import type { WorkloadResult } from './runWorkload';

/** An event with all that the workload looks at. */
export interface DecodedEvent extends CliEvent {
  readonly uncertain?: boolean;
  readonly transactional?: boolean;
  readonly cascade?: boolean;
  readonly restartIdentity?: boolean;
  readonly encoding?: Readonly<Record<string, string>>;
}

export interface DecodedTransaction {
  readonly xid: number;
  readonly endLsn: string;
  /** Everything between begin and commit but relations and types. */
  readonly events: readonly DecodedEvent[];
}

export interface Decoded {
  readonly transactions: readonly DecodedTransaction[];
  /** Contents of messages outside transactions, in their order. */
  readonly loose: readonly string[];
}

/**
 * Reads a file of events (assembled) as a reader would who knows nothing but docs/event-format.md, and is
 * strict about it: nothing but whole transactions, and nothing that could not be decoded.
 * @param written what was done: messages that an `uncertain` mark rightly was for are left out.
 */
export async function readDecoded(
  file: string,
  written: Pick<WorkloadResult, 'rolledBack' | 'committed'>,
): Promise<Decoded> {
  const transactions: DecodedTransaction[] = [];
  const loose: string[] = [];
  let open: { readonly xid: number; readonly events: DecodedEvent[] } | undefined;
  for await (const line of readline.createInterface({ input: createReadStream(file) })) {
    const event = JSON.parse(line) as DecodedEvent;
    switch (event.kind) {
      case 'relation':
      case 'type':
        break;
      case 'begin':
        if (open !== undefined) throw new Error(`a begin inside a transaction: ${line}`);
        open = { xid: event.xid!, events: [] };
        break;
      case 'commit':
        if (open?.xid !== event.xid) throw new Error(`a commit without its begin: ${line}`);
        // One that nothing is left of may come or not: it hangs on when the server looked at it.
        if (open!.events.length > 0) {
          transactions.push({ xid: event.xid!, endLsn: event.endLsn!, events: open!.events });
        }
        open = undefined;
        break;
      case 'message':
        if (event.transactional === false) {
          loose.push(event.content!);
          break;
        }
        if (written.rolledBack.has(messageName(event))) {
          if (event.uncertain !== true) throw new Error(`a message that was undone: ${line}`);
          break;
        }
        add(open, { ...event, uncertain: false }, line);
        break;
      case 'insert':
      case 'update':
      case 'delete':
      case 'truncate':
        add(open, event, line);
        break;
      case 'commitPrepared':
        // Of a transaction that nothing is left of, servers before August 2026 tell this alone.
        if (written.committed.some(({ xid, marked }) => marked && xid === event.xid)) {
          throw new Error(`a commit of what was not told: ${line}`);
        }
        break;
      default:
        throw new Error(`what is this doing here: ${line}`);
    }
  }
  if (open !== undefined) throw new Error(`a transaction without a commit: ${String(open.xid)}`);
  return { transactions, loose };
}

function add(
  open: { readonly xid: number; readonly events: DecodedEvent[] } | undefined,
  event: DecodedEvent,
  line: string,
): void {
  if (open === undefined) throw new Error(`a change outside a transaction: ${line.slice(0, 500)}`);
  if (event.xid !== open.xid)
    throw new Error(`a change of another transaction: ${line.slice(0, 500)}`);
  open.events.push(event);
}

/** The content that a message was written with, without what made it large. */
function messageName(event: DecodedEvent): string {
  return (event.content ?? '').replace(/x{20000}$/, '');
}
