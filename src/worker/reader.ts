import { parentPort } from 'node:worker_threads';
import { ensureDefined } from '../base/assert';
import { CaptureReader } from '../capture/captureReader';
import { nodeFiles } from '../capture/fileAccess';
import { relationDetail } from '../capture/relationDetails';
import { takeTurns } from '../capture/turns';
import { changeText } from '../export/changeText';
import { copyRows } from '../export/copyRows';
import { redactedCopy } from '../export/redactedCopy';
import { exportRows } from '../export/exportRows';
import { CHANGE_TEXT_LIMIT } from '../shared/changeTextApi';
import { COPY_BYTES_LIMIT } from '../shared/readerApi';
import { RpcPeer } from '../shared/rpc';
import type { ReaderApi, ReaderEvents } from '../shared/readerApi';
import { workerPort } from './workerPort';

/**
 * Thread entry: reads one capture for the timeline. It owns the read side: view, rows, detail. It ends
 * with its parent, who closes the capture and terminates the thread.
 */
const parent = ensureDefined(parentPort ?? undefined, 'the parent of this worker');
const peer = new RpcPeer<object, object>(workerPort(parent));
const emit = peer.emitter<ReaderEvents>();
const reader = new CaptureReader(nodeFiles, head => {
  emit('head', head);
});

peer.serve<ReaderApi>({
  open: p => reader.open(p),
  setRules: ({ expressions }) => {
    reader.current.setRules(expressions);
  },
  close: () => reader.close(),
  setView: spec => reader.current.setView(spec),
  setMask: ({ mask }) => reader.current.setMask(mask),
  rows: (p, signal) => reader.current.rows(p, signal),
  expand: p => reader.current.expand(p),
  locate: p => reader.current.locate(p),
  detail: ({ seq }) => reader.current.details.detail(seq),
  fields: ({ seq }) => reader.current.details.fields(seq),
  bytes: ({ seq, offset, length }) => reader.current.details.bytes(seq, offset, length),
  value: p => reader.current.details.value(p.seq, p.column, p.side, p.offset, p.length),
  facets: () => reader.current.details.facets(),
  find: (p, signal) => reader.current.find(p, signal),
  jump: (p, signal) => reader.current.jump(p, signal),
  checkFilter: ({ text }) => reader.current.filters.check(text),
  completeFilter: ({ text, caret }) => reader.current.filters.complete(text, caret),
  overview: (p, signal) => reader.current.overview(p, signal),
  overviewPlaces: p => reader.current.overviewPlaces(p),
  statistics: (p, signal) => reader.current.statistics(p, signal),
  wire: p => reader.current.wire.wire(p),
  wireRow: p => reader.current.wire.wireRow(p),
  wireFields: p => reader.current.wire.wireFields(p),
  wireBytes: p => reader.current.wire.wireBytes(p),
  marks: (_p, signal) => reader.current.marks(signal, (marks, pause) => marks.list(pause)),
  compareMarks: ({ a, b }, signal) =>
    reader.current.marks(signal, (marks, pause) => marks.compare(a, b, pause)),
  markSummary: ({ id }, signal) =>
    reader.current.marks(signal, (marks, pause) => marks.summary(id, pause)),
  history: (p, signal) =>
    reader.current.longWork(signal, either =>
      reader.current.history.page(p, takeTurns(either), either),
    ),
  changeText: (p, signal) =>
    reader.current.longWork(signal, either =>
      changeText(reader.current.parts, p, CHANGE_TEXT_LIMIT, takeTurns(either)),
    ),
  wholeChangeText: (p, signal) =>
    reader.current.longWork(signal, either =>
      changeText(reader.current.parts, p, COPY_BYTES_LIMIT, takeTurns(either)),
    ),
  relation: ({ seq }) => {
    const { file, catalog } = reader.current.parts;
    return relationDetail(file, catalog, seq);
  },
  copyRows: ({ selection, format }, signal) =>
    reader.current.longWork(signal, either =>
      copyRows(reader.current.parts, selection, format, takeTurns(either)),
    ),
  redactedCopy: (p, signal) =>
    reader.current.longWork(signal, either =>
      redactedCopy(reader.current.parts, p, either, progress => {
        emit('exportProgress', progress);
      }),
    ),
  exportRows: (p, signal) =>
    reader.current.longWork(signal, either =>
      exportRows(reader.current.parts, p, either, progress => {
        emit('exportProgress', progress);
      }),
    ),
});
