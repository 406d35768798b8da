import { tmpdir } from 'node:os';
import { SpillFolder } from '../../../src/capture/spillFile';
import { formatEvent } from '../../../src/logical/formatEvent';
import { TextEventDecoder } from '../../../src/logical/textPlugins/textEventDecoder';
import { stretch } from '../corpus';
import { damagedList } from '../damage';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';

/** Texts of test_decoding and wal2json, read as what they are and as what they are not. */
export const textsTarget: FuzzTarget = {
  name: 'texts of test_decoding and wal2json',
  weight: 10,
  async run(random, corpus) {
    const { stream, bytes, lsns } = stretch(random, corpus.texts, 20);
    const messages = damagedList(random, bytes);
    const plugin = random.chance(20) ? random.of(PLUGINS) : stream.plugin;
    const sent = messages.reduce((sum, message) => sum + message.length, 0);
    for (const delivery of ['raw', 'assembled'] as const) {
      let written = 0;
      const decoder = new TextEventDecoder({
        plugin,
        delivery,
        memoryLimit: random.chance(20) ? 1 : 1_000_000,
        spill: new SpillFolder(tmpdir()),
        sink: event => {
          const line = formatEvent(event);
          written += line.length;
          JSON.parse(line);
        },
      });
      for (const [i, message] of messages.entries()) {
        await decoder.push(lsns[i % lsns.length]!, message, random.below(2 ** 32));
      }
      decoder.end();
      expectThat(written <= sent * 20 + 100_000, `${written} bytes of events of ${sent}`);
    }
  },
};

const PLUGINS = ['test_decoding', 'wal2json'] as const;
