import { fromHex } from '../base/hex';
import { toBase64 } from '../base/base64';
import { readArrayText } from '../base/arrayText';

/**
 * A value in the form that Debezium's connector for PostgreSQL gives it with its default settings, as
 * JSON, save for `decimal.handling.mode=string`: the default would be bytes that only a schema explains.
 * What has no such form (infinite times, types of extensions) is the text as Postgres prints it.
 * Doc: "Data type mappings" of the connector.
 *
 * @param value As Postgres prints it under DateStyle ISO, IntervalStyle postgres, TimeZone UTC.
 */
export function debeziumValue(value: string, typeOid: number, typeModifier: number): string {
  const element = ARRAY_ELEMENTS.get(typeOid);
  if (element !== undefined) return arrayValue(value, element, typeModifier);
  return scalarValue(value, typeOid, typeModifier) ?? JSON.stringify(value);
}

function scalarValue(value: string, typeOid: number, typeModifier: number): string | undefined {
  switch (typeOid) {
    case BOOL:
      return value === 't' ? 'true' : 'false';
    case INT2:
    case INT4:
    case INT8:
    case OID:
      return value;
    case FLOAT4:
    case FLOAT8:
      return FINITE.test(value) ? value : undefined;
    case BYTEA: {
      const bytes = value.startsWith('\\x') ? fromHex(value.slice(2)) : undefined;
      return bytes === undefined ? undefined : `"${toBase64(bytes)}"`;
    }
    case DATE:
      return dateValue(value);
    case TIME:
      return timeValue(value, typeModifier);
    case TIMETZ:
      return timetzValue(value);
    case TIMESTAMP:
      return timestampValue(value, typeModifier);
    case TIMESTAMPTZ:
      return timestamptzValue(value);
    case INTERVAL:
      return intervalValue(value);
    case BIT:
      // bit(1) is a boolean, longer ones are bytes with the lowest bit first.
      return typeModifier === 1 ? (value === '1' ? 'true' : 'false') : bitsValue(value);
    case VARBIT:
      return bitsValue(value);
    default:
      return undefined;
  }
}

function arrayValue(value: string, element: number, typeModifier: number): string {
  const read = readArrayText(value);
  if (read === undefined) return JSON.stringify(value);
  const json = (item: (typeof read)[number]): string => {
    if (item === null) return 'null';
    if (typeof item === 'string') {
      return scalarValue(item, element, typeModifier) ?? JSON.stringify(item);
    }
    return `[${item.map(json).join(',')}]`;
  };
  return `[${read.map(json).join(',')}]`;
}

/** Days since 1970-01-01. */
function dateValue(value: string): string | undefined {
  const days = daysOf(value);
  return days === undefined ? undefined : String(days);
}

const DAY_US = 86_400_000_000n;

/** Microseconds since midnight; milliseconds where the type keeps no more than three digits. */
function timeValue(value: string, typeModifier: number): string | undefined {
  const time = clockOf(value);
  return time === undefined ? undefined : scaled(time, typeModifier);
}

function timetzValue(value: string): string | undefined {
  const match = /^([\d:.]+)([+-]\d\d(?::\d\d){0,2})$/.exec(value);
  const time = clockOf(match?.[1] ?? '');
  const offset = offsetOf(match?.[2] ?? '');
  if (time === undefined || offset === undefined) return undefined;
  const utc = (((time - offset) % DAY_US) + DAY_US) % DAY_US;
  return `"${clockText(utc)}Z"`;
}

/** Microseconds since 1970; milliseconds where the type keeps no more than three digits. */
function timestampValue(value: string, typeModifier: number): string | undefined {
  const time = instantOf(value);
  return time === undefined ? undefined : scaled(time, typeModifier);
}

/** ISO 8601 in UTC with as many digits as there are. */
function timestamptzValue(value: string): string | undefined {
  const match = /^(\S+ [\d:.]+)([+-]\d\d(?::\d\d){0,2})$/.exec(value);
  const offset = offsetOf(match?.[2] ?? '');
  const local = instantOf(match?.[1] ?? '');
  if (offset === undefined || local === undefined) return undefined;
  const utc = local - offset;
  const ms = utc / 1000n;
  const within = ((utc % DAY_US) + DAY_US) % DAY_US;
  const day = new Date(Number(ms - (utc < 0n && utc % 1000n !== 0n ? 1n : 0n)));
  if (Number.isNaN(day.getTime())) return undefined;
  return `"${day.toISOString().replace(/T.*/, '')}T${clockText(within)}Z"`;
}

/** Microseconds, with the average of 365.25 / 12 days for a month. */
function intervalValue(value: string): string | undefined {
  let us = 0n;
  const rest = value.replace(
    /([+-]?\d+) (year|mon|day)s?/g,
    (_, count: string, unit: 'year' | 'mon' | 'day') => {
      us += BigInt(count) * UNIT_US[unit];
      return '';
    },
  );
  const clock = /^([+-]?)(\d+:\d\d:\d\d(?:\.\d+)?)$/.exec(rest.trim());
  if (clock !== null) {
    const time = clockOf(clock[2] ?? '');
    if (time === undefined) return undefined;
    us += clock[1] === '-' ? -time : time;
  } else if (rest.trim() !== '') return undefined;
  return String(us);
}

const UNIT_US = { year: 31_557_600_000_000n, mon: 2_629_800_000_000n, day: DAY_US } as const;

function bitsValue(value: string): string | undefined {
  if (!/^[01]*$/.test(value)) return undefined;
  const bytes = new Uint8Array(Math.ceil(value.length / 8));
  for (let i = 0; i < value.length; i++) {
    const bit = value.length - 1 - i;
    if (value[i] === '1') bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return `"${toBase64(bytes)}"`;
}

function scaled(us: bigint, typeModifier: number): string {
  const isCoarse = typeModifier >= 0 && typeModifier <= 3;
  return String(isCoarse ? us / 1000n : us);
}

function daysOf(value: string): number | undefined {
  const match = /^(\d{4,})-(\d\d)-(\d\d)( BC)?$/.exec(value);
  if (match === null) return undefined;
  const year = match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]);
  // Of a year before 100 Date.UTC would make one of the last century.
  const date = new Date(0);
  date.setUTCFullYear(year, Number(match[2]) - 1, Number(match[3]));
  const days = date.getTime() / 86_400_000;
  return Number.isFinite(days) ? days : undefined;
}

function instantOf(value: string): bigint | undefined {
  const match = /^(\S+) ([\d:.]+)( BC)?$/.exec(value);
  const days = daysOf(`${match?.[1] ?? ''}${match?.[3] ?? ''}`);
  const time = clockOf(match?.[2] ?? '');
  return days === undefined || time === undefined ? undefined : BigInt(days) * DAY_US + time;
}

function clockOf(value: string): bigint | undefined {
  const match = /^(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(value);
  if (match === null) return undefined;
  const [hours, minutes, seconds] = [match[1], match[2], match[3]].map(part => BigInt(part ?? 0));
  const whole = (hours ?? 0n) * 3600n + (minutes ?? 0n) * 60n + (seconds ?? 0n);
  return whole * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0'));
}

function offsetOf(value: string): bigint | undefined {
  const match = /^([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/.exec(value);
  if (match === null) return undefined;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? '0') * 60 + Number(match[4] ?? '0');
  return BigInt(match[1] === '-' ? -seconds : seconds) * 1_000_000n;
}

function clockText(us: bigint): string {
  const two = (n: bigint): string => String(n).padStart(2, '0');
  const seconds = us / 1_000_000n;
  const rest = us % 1_000_000n;
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
  return `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}${fraction}`;
}

const FINITE = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/;

const BOOL = 16;
const BYTEA = 17;
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const OID = 26;
const FLOAT4 = 700;
const FLOAT8 = 701;
const DATE = 1082;
const TIME = 1083;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;
const INTERVAL = 1186;
const TIMETZ = 1266;
const BIT = 1560;
const VARBIT = 1562;

/** OID of an array type -> OID of its elements, for the types that the connector has an array of. */
const ARRAY_ELEMENTS: ReadonlyMap<number, number> = new Map([
  [1000, BOOL],
  [1001, BYTEA],
  [1005, INT2],
  [1007, INT4],
  [1016, INT8],
  [1028, OID],
  [1021, FLOAT4],
  [1022, FLOAT8],
  [1182, DATE],
  [1183, TIME],
  [1270, TIMETZ],
  [1115, TIMESTAMP],
  [1185, TIMESTAMPTZ],
  [1187, INTERVAL],
  [1561, BIT],
  [1563, VARBIT],
  // Numbers without loss, texts, UUIDs, JSON and addresses are strings.
  [1231, 1700],
  [1009, 25],
  [1014, 1042],
  [1015, 1043],
  [2951, 2950],
  [199, 114],
  [3807, 3802],
  [1041, 869],
  [651, 650],
  [1040, 829],
]);
