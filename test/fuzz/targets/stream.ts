import { tmpdir } from 'node:os';
import { SpillFolder } from '../../../src/capture/spillFile';
import { EventDecoder } from '../../../src/logical/eventDecoder';
import { formatEvent } from '../../../src/logical/formatEvent';
import { damagedList } from '../damage';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';
import { stretch } from '../corpus';

/** A stretch of a stream through decoder and assembler: relations, held and spilled transactions. */
export const streamTarget: FuzzTarget = {
  name: 'pgoutput stream',
  weight: 25,
  async run(random, corpus) {
    const { bytes, lsns } = stretch(random, corpus.streams, 40);
    const messages = damagedList(random, bytes);
    const memoryLimit = random.chance(20) ? 1 : 1_000_000;
    const sent = messages.reduce((sum, message) => sum + message.length, 0);
    for (const delivery of ['raw', 'assembled'] as const) {
      let events = 0;
      let written = 0;
      const decoder = new EventDecoder({
        delivery,
        memoryLimit,
        spill: new SpillFolder(tmpdir()),
        findType: corpus.findType,
        sink: event => {
          events++;
          const line = formatEvent(event);
          written += line.length;
          JSON.parse(line);
        },
      });
      for (const [i, message] of messages.entries()) {
        await decoder.push(lsns[i % lsns.length]!, message);
      }
      decoder.end();
      expectThat(decoder.open === 0, 'a transaction is held after the end');
      // A held transaction gives a begin and a commit for the one message of its end.
      expectThat(events <= messages.length * 2, `${events} events of ${messages.length} messages`);
      // Names of columns are in each row again; no row has more of them than its relation.
      expectThat(written <= sent * 300 + 100_000, `${written} bytes of events of ${sent}`);
    }
  },
};
