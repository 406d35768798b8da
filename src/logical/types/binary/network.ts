import { DecodeError } from '../../../base/byteReader';
import type { ValueReader } from './valueReader';

/** `PGSQL_AF_INET` and `PGSQL_AF_INET6` (src/include/utils/inet.h). */
const IPV4 = 2;
const IPV6 = 3;

/** `inet_send`, for inet and cidr: family, bits of the network, whether a cidr, length, address. */
export function inetText(reader: ValueReader): string {
  const family = reader.u8();
  const bits = reader.u8();
  const isCidr = reader.u8() === 1;
  const length = reader.u8();
  const want = family === IPV4 ? 4 : 16;
  if ((family !== IPV4 && family !== IPV6) || length !== want) {
    throw new DecodeError(0, 'the family of an address', want, length);
  }
  const address = reader.take(length);
  const text = family === IPV4 ? address.join('.') : ipv6Text(address);
  return isCidr || bits !== length * 8 ? `${text}/${bits}` : text;
}

/** `inet_net_ntop_ipv6`, src/port/inet_net_ntop.c: the longest run of zero words becomes `::`. */
function ipv6Text(address: Uint8Array): string {
  const words: number[] = [];
  for (let i = 0; i < 16; i += 2) words.push(((address[i] ?? 0) << 8) | (address[i + 1] ?? 0));
  let start = 0;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && words[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
  }
  if (length < 2) return hexWords(words);
  const isEmbedded = start === 0 && (length === 6 || (length === 5 && words[5] === 0xffff));
  const dotted = address.subarray(12).join('.');
  if (isEmbedded) return `${length === 5 ? '::ffff:' : '::'}${dotted}`;
  return `${hexWords(words.slice(0, start))}::${hexWords(words.slice(start + length))}`;
}

function hexWords(words: readonly number[]): string {
  return words.map(word => word.toString(16)).join(':');
}

export function macaddrText(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(':');
}
