import { DecodeError } from '../base/byteReader';
import type { Field } from '../base/fieldReader';
import { FieldReader } from '../base/fieldReader';
import {
  readDataHeader,
  readFrameLetter,
  readKeepaliveBody,
  readStatusBody,
} from '../base/replicationFrame';
import type { AnnotatedMessage } from './pgoutput/annotateMessage';

const DATA = 0x77; // w
const DATA_HEADER_SIZE = 25;
const NAMES_OF_BODIES: Readonly<Record<number, readonly [name: string, meaning: string]>> = {
  0x47: ['gap', 'JSON: between which positions nothing was seen, and why'],
  0x4a: ['seam', 'JSON: the position after which another connection goes on'],
};

/**
 * The fields of a frame with the bytes they stand in; `message` are those of what an XLogData carries.
 * Never throws for bad bytes.
 */
export function annotateFrame(frame: Uint8Array, message?: AnnotatedMessage): AnnotatedMessage {
  const isData = frame[0] === DATA && frame.length >= DATA_HEADER_SIZE;
  const reader = new FieldReader(isData ? frame.subarray(0, DATA_HEADER_SIZE) : frame);
  let error = '';
  try {
    readBody(reader, isData);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    error = cause.message;
  }
  if (reader.remaining > 0) {
    const isUnread = error !== '';
    reader.skip(reader.remaining, isUnread ? 'unread bytes' : 'content', error, 'hex');
  }
  if (!isData) return { fields: reader.fields(), error };
  const carried: Field = {
    name: 'message',
    value: '',
    meaning: 'What the output plugin wrote',
    offset: DATA_HEADER_SIZE,
    length: frame.length - DATA_HEADER_SIZE,
    children: (message?.fields ?? []).map(shifted),
  };
  return { fields: [...reader.fields(), carried], error: message?.error ?? '' };
}

function readBody(reader: FieldReader, isData: boolean): void {
  const letter = readFrameLetter(reader);
  const body = NAMES_OF_BODIES[letter];
  if (isData) readDataHeader(reader);
  else if (letter === 0x6b) readKeepaliveBody(reader);
  else if (letter === 0x72) readStatusBody(reader);
  else if (body !== undefined && reader.remaining > 0) reader.skip(reader.remaining, ...body);
}

function shifted(field: Field): Field {
  return {
    ...field,
    offset: field.offset + DATA_HEADER_SIZE,
    children: field.children.map(shifted),
  };
}
