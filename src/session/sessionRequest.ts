import type { Lsn } from '../base/lsn';
import type { Failure } from '../shared/connection';
import { sentence } from './sentence';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import type {
  ConsumeSpec,
  EndReason,
  PeekSpec,
  RecorderEvents,
  SessionSnapshot,
  TailSpec,
} from '../shared/session';

/** Follow publications on a temporary slot of ours. */
export type TailRequest = Omit<TailSpec, 'capturePath'> & StreamBounds;

/** Look at what a slot holds back. */
export type PeekRequest = Omit<PeekSpec, 'capturePath'> &
  StreamBounds & {
    /** Continue: changes that were shown before and come again, for the message at the end. */
    readonly repeatedChanges?: number;
  };

/** Read a slot of somebody's and confirm what was stored: this moves the slot for good. */
export type ConsumeRequest = Omit<ConsumeSpec, 'capturePath'> &
  StreamBounds & {
    /** The events leave out what is only prepared: impossible on a slot that decodes at PREPARE. */
    readonly wholeTransactions?: boolean;
  };

export type SessionRequest = TailRequest | PeekRequest | ConsumeRequest;

/** Where a stream ends. */
export interface StreamBounds {
  /** False: it ends at the first cut, instead of being taken up again. */
  readonly reconnect?: false;
  /** Ends when everything that was committed before this position has come. */
  readonly untilLsn?: Lsn;
  /** Ends when no change came for so long. */
  readonly idleSeconds?: number;
  /** Ends after so many changes as they come on the wire. */
  readonly mostChanges?: number;
}

/** What a session needs from whom it runs for. */
export interface SessionHooks {
  /** Makes the sink, when the server has answered and it is known what will come. */
  openSink(facts: StreamFacts): Promise<FrameSink>;
  /** Takes the sink back at the end of the stream; without this it is closed. */
  releaseSink?(sink: FrameSink, end: StreamEnd): Promise<void>;
  onSnapshot(snapshot: SessionSnapshot): void;
  log(level: RecorderEvents['log']['level'], message: string): void;
}

/** How a stream ended. */
export interface StreamEnd {
  readonly reason: EndReason;
  /** One sentence. */
  readonly message: string;
  readonly failure?: Failure;
  /** What ended it may pass: once a stream had run, it is taken up again. */
  readonly passing?: true;
  /** A process of the server crashed, and all others were ended. */
  readonly crashed?: true;
}

/** Carries the end of a session from the depth where it is noticed. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';

  constructor(readonly end: StreamEnd) {
    super(end.message);
  }

  static failed(failure: Failure, more: { readonly passing?: true } = {}): SessionEnded {
    const message = sentence(failure.message);
    return new SessionEnded({
      reason: 'failed',
      message,
      failure: { ...failure, message },
      ...more,
    });
  }
}
