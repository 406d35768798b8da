import { readFile } from 'node:fs/promises';
import type { FindType, TypeFacts } from '../logical/types/binary/binaryText';
import { CliError } from './cliError';

/**
 * Reads the file of `--types`: rows of pg_type as JSON. Throws CliError, before anything is decoded,
 * where it is none.
 */
export async function readTypesFile(file: string): Promise<FindType> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`Cannot read the types of ${file}: ${reason}`);
  }
  if (!Array.isArray(value)) throw new CliError(`${file} holds no JSON array of types`);
  const types = new Map<number, TypeFacts>();
  value.forEach((row: unknown, i) => {
    const { oid, name, typtype, category, base } = fieldsOf(row);
    if (typeof oid !== 'number' || typeof name !== 'string' || typeof typtype !== 'string') {
      throw new CliError(
        `${file}: type ${String(i + 1)} has no oid (a number), name and typtype (texts)`,
      );
    }
    types.set(oid, {
      name,
      typtype,
      category: typeof category === 'string' ? category : '',
      base: typeof base === 'number' ? base : 0,
    });
  });
  return oid => types.get(oid);
}

function fieldsOf(row: unknown): Readonly<Record<string, unknown>> {
  return typeof row === 'object' && row !== null ? (row as Record<string, unknown>) : {};
}
