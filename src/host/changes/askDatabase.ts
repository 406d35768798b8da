import type { Step } from '../multiStep';
import { askPick, BACK } from '../multiStep';
import { messageText } from '../messageText';
import type { ChangeParts } from './changeParts';

/** The question for the database, where it is one: not when it is known or there is only one. */
export async function databaseSteps<Draft extends { readonly database: string }>(
  parts: ChangeParts,
  server: string,
  known: string | undefined,
  placeholder: string,
): Promise<readonly Step<Draft>[]> {
  if (known !== undefined) return [];
  const names = await parts.catalog.databases(server);
  const own = (await parts.servers.target(server)).database;
  return [
    async (draft, place) => {
      // The likely one stands first, where Enter takes it.
      const likely = draft.database === '' ? own : draft.database;
      const items = [likely, ...names.filter(name => name !== likely)].map(database => ({
        database,
        label: messageText(database),
      }));
      const item = await askPick({
        ...place,
        items,
        placeholder,
      });
      return item === BACK ? BACK : { ...draft, database: item.database };
    },
  ];
}
