import type { CapturedMessage } from '../capture/capturedMessage';
import { OPAQUE_KIND } from '../capture/frameIndexer';
import { ROW } from '../capture/indexChunk';
import type { RelationCatalog } from '../capture/relationCatalog';
import type { LogicalEvent } from '../logical/event';
import { messageEvent, unknownEvent } from '../logical/messageEvent';
import { readText } from '../logical/textPlugins/readText';
import { itemEvent } from '../logical/textPlugins/textChange';

/**
 * The events that a message of a capture is, as an export writes them; a text of another plugin may hold
 * several. `xid` is the transaction at the top, 0 outside one.
 */
export function capturedEvents(
  message: CapturedMessage,
  catalog: RelationCatalog,
  xid: number,
): readonly LogicalEvent[] {
  const { lsn, payload, row, seq } = message;
  if (message.gap !== undefined) return [{ kind: 'gap', ...message.gap }];
  if (message.seam !== undefined) return [{ kind: 'continued', ...message.seam }];
  const place = { lsn, topXid: xid, subxid: 0, inStream: (row.flags & ROW.inStream) !== 0 };
  const plugin = catalog.textPlugin;
  if (plugin !== undefined) {
    const read = readText(plugin, payload, { lsn, xid });
    if (read.items === undefined) return [unknownEvent(payload, place, read.error)];
    const events = read.items.map(itemEvent);
    const changes = events.filter(({ kind }) => kind !== 'begin' && kind !== 'commit');
    return changes.length === 0 ? events : changes;
  }
  if (row.kind === OPAQUE_KIND) return [unknownEvent(payload, place)];
  return [
    messageEvent(payload, place, {
      relation: oid => {
        const own = catalog.relation(row.relation);
        return own?.oid === oid ? own : catalog.relationAt(oid, seq);
      },
      type: () => undefined,
      findType: catalog.findType,
    }),
  ];
}
