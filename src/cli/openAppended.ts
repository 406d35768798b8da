import type { Lsn } from '../base/lsn';
import { formatLsn, INVALID_LSN } from '../base/lsn';
import { formatPlural } from '../base/quantity';
import { appendToCapture } from '../export/appendToCapture';
import { appendToJsonl } from '../export/appendToJsonl';
import { JsonlWriter } from '../export/jsonlWriter';
import type { FrameSink, StreamFacts } from '../shared/frameSink';
import { eventOptions } from './eventOptions';
import type { OutputChoice } from './outputOptions';

/** Goes on in a file that an earlier run wrote, or begins it; `say` tells where it goes on. */
export async function openAppended(
  choice: OutputChoice & { readonly out: string },
  facts: StreamFacts,
  say: (line: string) => void,
): Promise<FrameSink> {
  const { out, delivery } = choice;
  if (choice.format === 'capture') {
    const { sink, cut } = await appendToCapture({
      path: out,
      facts,
      durable: true,
      redacted: choice.mask.patterns,
    });
    tell(out, sink.resumeAfter, cut, 'that were not written whole', say);
    return sink;
  }
  const { database, slot, plugin } = facts.source;
  const { systemIdentifier } = facts;
  const source = { systemIdentifier, database, slot, plugin, transactions: delivery };
  const { target, after, cut } = await appendToJsonl(out, source);
  const what = delivery === 'assembled' ? 'of an unfinished transaction' : 'of an unfinished line';
  tell(out, after, cut, what, say);
  return new JsonlWriter({
    ...eventOptions(choice, { consume: true }, plugin),
    target,
    durable: true,
    append: after === undefined ? {} : { after },
  });
}

function tell(
  file: string,
  after: Lsn | undefined,
  cut: number,
  what: string,
  say: (line: string) => void,
): void {
  if (after === undefined) return;
  const where = after === INVALID_LSN ? '' : ` after ${formatLsn(after)}`;
  const rest = cut === 0 ? '' : `; ${formatPlural(cut, 'byte')} ${what} were cut off`;
  say(`${file} goes on${where}${rest}`);
}
