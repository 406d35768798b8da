/** The geometric types: float8 coordinates (src/backend/utils/adt/geo_ops.c). */
import { float8Text } from './numbers';
import type { ValueReader } from './valueReader';

const POINT_BYTES = 16;

export function pointText(reader: ValueReader): string {
  return `(${float8Text(reader.f64())},${float8Text(reader.f64())})`;
}

/** Two opposite corners, the upper right one first. */
export function boxText(reader: ValueReader): string {
  return `${pointText(reader)},${pointText(reader)}`;
}

export function lsegText(reader: ValueReader): string {
  return `[${boxText(reader)}]`;
}

/** The line Ax + By + C = 0. */
export function lineText(reader: ValueReader): string {
  return `{${float8Text(reader.f64())},${float8Text(reader.f64())},${float8Text(reader.f64())}}`;
}

export function circleText(reader: ValueReader): string {
  return `<${pointText(reader)},${float8Text(reader.f64())}>`;
}

export function pathText(reader: ValueReader): string {
  const isClosed = reader.u8() === 1;
  const points = pointsText(reader);
  return isClosed ? `(${points})` : `[${points}]`;
}

export function polygonText(reader: ValueReader): string {
  return `(${pointsText(reader)})`;
}

function pointsText(reader: ValueReader): string {
  const count = reader.count(POINT_BYTES);
  return Array.from({ length: count }, () => pointText(reader)).join(',');
}
