/**
 * Whether a client with this application_name would count as a synchronous standby under this value
 * of synchronous_standby_names. Then it must never confirm a flush: commits would wait for it.
 *
 * Names match without case and `*` matches all, as in `SyncRepGetStandbyPriority`
 * (src/backend/replication/syncrep.c). FIRST, ANY and the number in front are taken for names too:
 * at worst we run unconfirmed although we need not.
 */
export function matchesSynchronousStandby(setting: string, applicationName: string): boolean {
  const own = applicationName.toLowerCase();
  for (const [, quoted, plain] of setting.matchAll(/"((?:[^"]|"")*)"|([^\s,()"]+)/g)) {
    const name = quoted?.replaceAll('""', '"') ?? plain ?? '';
    if (name === '*' || name.toLowerCase() === own) return true;
  }
  return false;
}
