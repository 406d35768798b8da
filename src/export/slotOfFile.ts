import { AppendRefused } from '../capture/appendFile';

/** Which slot of which server a file holds. */
export interface SlotOfFile {
  readonly systemIdentifier: string;
  readonly database: string;
  readonly slot: string;
  readonly plugin: string;
}

/** Throws {@link AppendRefused} where a file holds the changes of something else than is wanted. */
export function requireSameSlot(path: string, found: SlotOfFile, wanted: SlotOfFile): void {
  if (wanted.systemIdentifier === '') {
    throw new AppendRefused(
      `Nothing vouches that ${path} holds changes of this server, which does not tell its system identifier`,
      'Grant EXECUTE on the function pg_control_system() to the role, or choose another place with --out.',
    );
  }
  const other = difference(found, wanted);
  if (other === undefined) return;
  throw new AppendRefused(`${path} holds the changes of ${other}`, OTHER_PLACE);
}

export const OTHER_PLACE = 'Choose another place with --out.';

function difference(found: SlotOfFile, wanted: SlotOfFile): string | undefined {
  const { systemIdentifier, database, slot, plugin } = found;
  if (systemIdentifier !== wanted.systemIdentifier) {
    return `another server (system identifier ${systemIdentifier === '' ? 'unknown' : systemIdentifier}, here ${wanted.systemIdentifier})`;
  }
  if (database !== wanted.database) {
    return `the database ${JSON.stringify(database)}, not of ${JSON.stringify(wanted.database)}`;
  }
  if (slot !== wanted.slot) {
    return `the slot ${JSON.stringify(slot)}, not of ${JSON.stringify(wanted.slot)}`;
  }
  if (plugin !== wanted.plugin) return `the plugin ${plugin}, and this slot has ${wanted.plugin}`;
  return undefined;
}
