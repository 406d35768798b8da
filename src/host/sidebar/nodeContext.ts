/**
 * `viewItem` of the sidebar's lines: the conditions of package.json's menus read it, so it stays as it
 * is. The first word is the kind; what follows a dot are facts that a menu may ask for, always in the
 * order of this table, each only where it is true:
 *
 * | kind         | facts                                                                               |
 * | ------------ | ----------------------------------------------------------------------------------- |
 * | server       | .standby .readonly                                                                  |
 * | database     | .closed (no CONNECT privilege)                                                      |
 * | publications | none: the group of a database                                                       |
 * | publication  | none                                                                                |
 * | table        | none                                                                                |
 * | slots        | none: the group of a server                                                         |
 * | slot         | (.logical or .physical) (.active or .inactive) .temporary .own .synced .invalid     |
 * | subscriptions, subscription | none                                                                |
 * | message      | .failure .problem .note .more .filter                                               |
 *
 * A condition is a regular expression on word limits, such as `viewItem =~ /^server\b/`,
 * `/^slot\.logical\b(?!.*\.invalid)/` or `/^slot\b.*\.inactive\b(?!.*\.synced)/`.
 */
export function nodeContext(kind: string, ...facts: readonly (string | false)[]): string {
  return [kind, ...facts.filter(fact => fact !== false)].join('.');
}
