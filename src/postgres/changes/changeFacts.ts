import { readServerFacts, type ServerFacts } from '../catalog/serverFacts';
import { readSlots } from '../catalog/slots';
import type { SqlSession } from '../sqlSession';

/** An output plugin that a new slot can name. */
export interface PluginChoice {
  readonly name: string;
  /**
   * `allowed`: the server says so. `in-use`: a slot has it now. `unknown`: nobody can tell without
   * trying, because servers do not list the libraries they have.
   */
  readonly certainty: 'allowed' | 'in-use' | 'unknown';
}

/** What a person can choose between on this server when making a slot or a publication. */
export interface ChangeFacts {
  readonly server: ServerFacts;
  readonly plugins: readonly PluginChoice[];
  /** Names that are taken, for a check while a new one is typed. */
  readonly slotNames: readonly string[];
  readonly publicationNames: readonly string[];
  /** A slot can decode at PREPARE TRANSACTION. */
  readonly hasTwoPhase: boolean;
  /** A slot can be synchronised to standbys (17 and later, not from a standby). */
  readonly hasFailover: boolean;
  /** A publication can name schemas (15 and later). */
  readonly hasSchemaPublications: boolean;
}

/** Comes with every server, so it needs no proof. */
const BUILT_IN = 'pgoutput';
const USUAL = ['test_decoding', 'wal2json', 'decoderbufs'];

export async function readChangeFacts(session: SqlSession): Promise<ChangeFacts> {
  const server = await readServerFacts(session);
  const slots = await readSlots(session);
  const publications = await session.query('SELECT pubname FROM pg_catalog.pg_publication');
  const [row] = await session.query(
    `SELECT pg_catalog.current_setting('output_plugin_libraries', true) AS plugins`,
  );
  const major = session.majorVersion;
  return {
    server,
    plugins: pluginChoices(
      row?.plugins ?? undefined,
      slots.flatMap(({ plugin }) => plugin ?? []),
    ),
    slotNames: slots.map(({ name }) => name),
    publicationNames: publications.map(({ pubname }) => pubname ?? ''),
    hasTwoPhase: major >= 14,
    hasFailover: major >= 17 && server.role === 'primary',
    hasSchemaPublications: major >= 15,
  };
}

/**
 * `setting` is output_plugin_libraries, which the minor versions of August 2026 brought: what is not
 * in it fails for everybody. Without it any library that is installed will do.
 */
export function pluginChoices(
  setting: string | undefined,
  inUse: readonly string[],
): readonly PluginChoice[] {
  if (setting !== undefined) {
    return unique(listOf(setting)).map(name => ({ name, certainty: 'allowed' }));
  }
  return unique([BUILT_IN, ...inUse, ...USUAL]).map(name => ({
    name,
    certainty: name === BUILT_IN ? 'allowed' : inUse.includes(name) ? 'in-use' : 'unknown',
  }));
}

/** A list of names with commas between them; each may stand in double quotes. */
function listOf(setting: string): readonly string[] {
  const names = setting.match(/"(?:[^"]|"")*"|[^,"\s]+/g) ?? [];
  return names.map(name => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name));
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
