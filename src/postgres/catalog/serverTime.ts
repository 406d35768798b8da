/**
 * A time as the server prints it for us, in milliseconds since 1970; undefined for anything else. Our
 * sessions pin DateStyle ISO and TimeZone UTC: `2026-11-20 18:00:00.123456+00`.
 */
export function serverTimeMs(text: string | undefined): number | undefined {
  const match = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,3})?)\d*\+00$/.exec(text ?? '');
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  const time = Date.parse(`${match[1]}T${match[2]}Z`);
  return Number.isNaN(time) ? undefined : time;
}
