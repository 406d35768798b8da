import { readFile } from 'node:fs/promises';
import type { CustomType } from '../shared/customType';
import { CliError } from './cliError';
import type { OptionSpec } from './command';

export const TYPES_OPTION: OptionSpec = {
  name: 'types',
  value: 'FILE',
  help: 'Types that are not built in, for values in binary form: a JSON array of rows oid, name, typtype, category, elem and, of domains and ranges, base. A capture knows its types itself; what the file says of one counts more. A value in binary form whose type nothing names is printed in base64.',
};

/**
 * Reads the file of `--types`: rows of pg_type as JSON. Throws CliError, before anything is decoded,
 * where it is none.
 */
export async function readTypesFile(file: string): Promise<readonly CustomType[]> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot read the types of ${file}: ${reason}`);
  }
  if (!Array.isArray(value)) throw new CliError(`${file} holds no JSON array of types`);
  return value.map((row: unknown, i) => {
    const { oid, name, typtype, category, elem, base, schema, delimiter, send } = fieldsOf(row);
    if (typeof oid !== 'number' || typeof name !== 'string' || typeof typtype !== 'string') {
      throw new CliError(
        `${file}: type ${String(i + 1)} has no oid (a number), name and typtype (texts)`,
      );
    }
    return {
      oid,
      name,
      typtype,
      category: typeof category === 'string' ? category : '',
      elem: typeof elem === 'number' ? elem : 0,
      ...(typeof base === 'number' ? { base } : {}),
      ...(typeof schema === 'string' ? { schema } : {}),
      ...(typeof delimiter === 'string' ? { delimiter } : {}),
      ...(typeof send === 'string' ? { send } : {}),
    };
  });
}

function fieldsOf(row: unknown): Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : {};
}
