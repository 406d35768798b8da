import { DecodeError } from '../../../base/byteReader';
import { ValueReader } from './valueReader';

/** Renders a member of a container; throws DecodeError where its type or bytes are not known. */
export type RenderMember = (typeOid: number, bytes: Uint8Array) => string;

const BOX_OID = 603;
/** `MAXDIM`, src/include/utils/array.h. */
const MAX_DIMENSIONS = 6;

interface Dimension {
  readonly size: number;
  readonly lowerBound: number;
}

interface ArrayValue {
  readonly dimensions: readonly Dimension[];
  readonly elementType: number;
  /** Undefined is NULL. */
  readonly elements: readonly (string | undefined)[];
}

/** `array_send`: dimensions, element type, then the elements (src/backend/utils/adt/arrayfuncs.c). */
function readArray(reader: ValueReader, render: RenderMember): ArrayValue {
  const count = reader.i32();
  if (count < 0 || count > MAX_DIMENSIONS) {
    throw new DecodeError(0, 'the dimensions of an array', MAX_DIMENSIONS, count);
  }
  reader.i32(); // whether there are NULLs
  const elementType = reader.u32();
  const dimensions = Array.from({ length: count }, () => ({
    size: reader.i32(),
    lowerBound: reader.i32(),
  }));
  const items = count === 0 ? 0 : dimensions.reduce((product, { size }) => product * size, 1);
  // Two negative sizes have a product that looks well.
  if (dimensions.some(({ size }) => size < 0) || items * 4 > reader.remaining) {
    throw new DecodeError(12, 'the elements of an array', items * 4, reader.remaining);
  }
  const elements = Array.from({ length: items }, () => member(reader, elementType, render));
  return { dimensions, elementType, elements };
}

/**
 * `array_out`. Dimensions are printed where one does not begin at 1.
 *
 * @param delimiterOf `typdelim` of an element type that is not built in, where it is not a comma.
 */
export function arrayText(
  reader: ValueReader,
  render: RenderMember,
  delimiterOf: (elementType: number) => string | undefined = () => undefined,
): string {
  const { dimensions, elementType, elements } = readArray(reader, render);
  if (elements.length === 0) return '{}';
  const delimiter = elementType === BOX_OID ? ';' : (delimiterOf(elementType) ?? ',');
  const texts = elements.map(text => (text === undefined ? 'NULL' : element(text, delimiter)));
  const bounds = dimensions.some(({ lowerBound }) => lowerBound !== 1)
    ? `${dimensions.map(({ size, lowerBound }) => `[${lowerBound}:${lowerBound + size - 1}]`).join('')}=`
    : '';
  return bounds + nested(texts, dimensions, delimiter);
}

/** `int2vector` and `oidvector` are arrays that print their numbers with blanks between. */
export function vectorText(reader: ValueReader, render: RenderMember): string {
  return readArray(reader, render).elements.join(' ');
}

/** From the innermost dimension outwards. */
function nested(
  texts: readonly string[],
  dimensions: readonly Dimension[],
  delimiter: string,
): string {
  let level = texts;
  for (const { size } of dimensions.toReversed()) {
    const groups: string[] = [];
    for (let i = 0; i < level.length; i += size) {
      groups.push(`{${level.slice(i, i + size).join(delimiter)}}`);
    }
    level = groups;
  }
  return level.join(delimiter);
}

function element(text: string, delimiter: string): string {
  const isPlain =
    text !== '' &&
    text.toUpperCase() !== 'NULL' &&
    !text.includes(delimiter) &&
    !/["\\{} \t\n\r\v\f]/.test(text);
  return isPlain ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `record_send`: each column with its type (src/backend/utils/adt/rowtypes.c). */
export function compositeText(reader: ValueReader, render: RenderMember): string {
  const count = reader.count(8);
  const columns = Array.from({ length: count }, () => {
    const text = member(reader, reader.u32(), render);
    return text === undefined ? '' : doubled(text, /["\\(), \t\n\r\v\f]/);
  });
  return `(${columns.join(',')})`;
}

const EMPTY = 0x01;
const LOWER_INCLUSIVE = 0x02;
const UPPER_INCLUSIVE = 0x04;
const LOWER_INFINITE = 0x08;
const UPPER_INFINITE = 0x10;

/** `range_send`: flags, then the bounds that there are (src/backend/utils/adt/rangetypes.c). */
export function rangeText(reader: ValueReader, subtype: number, render: RenderMember): string {
  const flags = reader.u8();
  if ((flags & EMPTY) !== 0) return 'empty';
  const bound = (): string => {
    const text = member(reader, subtype, render);
    return text === undefined ? '' : doubled(text, /["\\()[\], \t\n\r\v\f]/);
  };
  const lower = (flags & LOWER_INFINITE) !== 0 ? '' : bound();
  const upper = (flags & UPPER_INFINITE) !== 0 ? '' : bound();
  const open = (flags & LOWER_INCLUSIVE) !== 0 ? '[' : '(';
  const close = (flags & UPPER_INCLUSIVE) !== 0 ? ']' : ')';
  return `${open}${lower},${upper}${close}`;
}

/** `multirange_send` (src/backend/utils/adt/multirangetypes.c). */
export function multirangeText(reader: ValueReader, subtype: number, render: RenderMember): string {
  const count = reader.count(5);
  const ranges = Array.from({ length: count }, () =>
    rangeText(new ValueReader(reader.take(reader.u32())), subtype, render),
  );
  return `{${ranges.join(',')}}`;
}

/** Quotes and doubles, as rows and ranges do. */
function doubled(text: string, special: RegExp): string {
  return text === '' || special.test(text) ? `"${text.replace(/["\\]/g, '$&$&')}"` : text;
}

/** A length and as many bytes; -1 is NULL. */
function member(reader: ValueReader, typeOid: number, render: RenderMember): string | undefined {
  const length = reader.i32();
  return length === -1 ? undefined : render(typeOid, reader.take(length));
}
