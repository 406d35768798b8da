import { FieldReader } from '../../src/base/fieldReader';
import type { Field } from '../../src/base/fieldReader';
import { changeOfSeq } from './fakeCapture';
import { shopChange } from './showcase';

/** An Insert message as pgoutput sends it, with the values of the change. */
export function messageOf(seq: number): Uint8Array {
  const { columns } = shopChange(changeOfSeq(seq));
  const out: number[] = [0x49, 0, 0, 0x40, 0x25, 0x4e, 0, columns.length];
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  for (const column of columns) {
    const whole = column.whole ?? ('text' in column.after ? column.after.text : undefined);
    if (whole === undefined) {
      parts.push(Uint8Array.of(column.after.kind === 'unchanged' ? 0x75 : 0x6e));
      continue;
    }
    const bytes = encoder.encode(whole);
    const head = new Uint8Array(5);
    head[0] = 0x74;
    new DataView(head.buffer).setUint32(1, bytes.length);
    parts.push(head, bytes);
  }
  const length = out.length + parts.reduce((sum, part) => sum + part.length, 0);
  const message = new Uint8Array(length);
  message.set(out);
  let at = out.length;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

export function fieldsOf(seq: number): readonly Field[] {
  const { columns } = shopChange(changeOfSeq(seq));
  const reader = new FieldReader(messageOf(seq));
  reader.u8('type', 'Identifies the message as an insert message');
  reader.u32('relation', 'OID of the relation corresponding to the ID in the relation message');
  reader.u8('tuple', 'Identifies the following TupleData message as a new tuple');
  reader.open('TupleData', 'The new row');
  const count = reader.u16('columns', 'Number of columns');
  for (let index = 0; index < count; index++) {
    reader.open(columns[index]?.name ?? '', columns[index]?.type ?? '');
    const kind = reader.u8('kind', 'n null, u unchanged TOASTed value, t text formatted value');
    if (kind === 0x74) {
      const length = reader.u32('length', 'Length of the column value');
      reader.take(length, 'value', 'The value of the column, in text format');
    }
    reader.close();
  }
  reader.close();
  return reader.fields();
}
