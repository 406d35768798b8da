import { formatBytes, formatCount } from '../base/quantity';
import type { SessionRequest } from '../session/sessionRequest';
import { sentence } from '../session/sentence';
import { StreamSession } from '../session/streamSession';
import type { EndReason, SessionSnapshot } from '../shared/session';
import { CliError, UsageError } from './cliError';
import type { ExitStatus } from './command';
import { openOutput } from './openOutput';
import type { OutputChoice } from './outputOptions';
import { ProgressLine } from './progressLine';
import { streamFailure } from './streamFailure';
import type { Terminal } from './terminal';

/** These are what was asked for; any other end is a failure. */
const GOOD_ENDS: ReadonlySet<EndReason> = new Set(['stopped', 'complete', 'limit']);

/** Lines about one cut. */
const MOST_TROUBLES = 10;

/** Runs a tail, a peek or a consume until it ends, and writes what comes. */
export async function runStream(
  command: string,
  request: SessionRequest,
  choice: OutputChoice,
  terminal: Terminal,
): Promise<ExitStatus> {
  const progress = new ProgressLine(terminal);
  const toldNotes = new Set<string>();
  let toldWait = terminal.interactive;
  const toldTroubles = new Set<string>();
  const session = new StreamSession(request, {
    openSink: facts =>
      openOutput(
        choice,
        facts,
        { consume: request.kind === 'consume' },
        terminal,
        (first, ...below) => {
          progress.print(`pgwal ${command}: ${first}`);
          for (const line of below) progress.print(line);
        },
      ),
    onSnapshot: snapshot => {
      for (const note of snapshot.notes) {
        if (toldNotes.has(note)) continue;
        toldNotes.add(note);
        progress.print(`pgwal ${command}: ${note}`);
      }
      if (snapshot.phase === 'waiting' && !toldWait) {
        // Nobody sees the progress line: what may take hours is said once.
        toldWait = true;
        progress.print(`pgwal ${command}: ${snapshot.message}`);
      }
      // One line a cut, and one where something else stands in the way now; the return is a note.
      if (snapshot.phase === 'reconnecting') {
        const trouble = snapshot.message.replace(/ Trying again (in|now) .*$/, '');
        if (!toldTroubles.has(trouble) && toldTroubles.size < MOST_TROUBLES) {
          toldTroubles.add(trouble);
          progress.print(`pgwal ${command}: ${snapshot.message}`);
        }
      } else if (snapshot.phase === 'streaming') toldTroubles.clear();
      progress.show(describe(snapshot));
    },
    log: () => undefined,
  });
  const stop = (): void => {
    void session.stop('stopped');
  };
  terminal.interrupted.addEventListener('abort', stop, { once: true });
  if (terminal.interrupted.aborted) stop();
  try {
    const last = await session.ended;
    progress.clear();
    if (last.failure?.code === 'publication-not-chosen') {
      throw new UsageError(`${sentence(last.failure.message)} ${last.failure.action}`);
    }
    if (last.failure !== undefined) throw streamFailure(last.failure);
    if (last.endReason !== undefined && GOOD_ENDS.has(last.endReason)) return 0;
    throw new CliError(last.message);
  } finally {
    progress.clear();
    terminal.interrupted.removeEventListener('abort', stop);
  }
}

function describe(snapshot: SessionSnapshot): string {
  if (snapshot.phase !== 'streaming') return snapshot.message;
  const parts = [snapshot.message];
  if (snapshot.receivedLsn !== '') parts.push(snapshot.receivedLsn);
  if (snapshot.lagMs !== null) parts.push(`lag ${formatCount(snapshot.lagMs)} ms`);
  if (snapshot.retainedBytes !== null) parts.push(`retains ${formatBytes(snapshot.retainedBytes)}`);
  return parts.join(' · ');
}
