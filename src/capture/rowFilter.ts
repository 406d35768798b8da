import { MessageLetter } from '../logical/pgoutput/messageLetter';
import type { LogicalEvent } from '../logical/event';
import type { Operation, ViewSpec } from '../shared/viewSpec';
import { OPERATIONS } from '../shared/viewSpec';
import { IS_CHANGE, letterOf } from './operations';
import { NONE } from './indexChunk';
import type { RelationCatalog } from './relationCatalog';
import { tableIdOf } from './relationCatalog';
import type { Zone } from './zone';
import { mayHaveRelation } from './zone';

/** What a view's filter says of a message, from its columns in the index alone. */
export class RowFilter {
  /** False where the columns let every change pass. */
  readonly byColumns: boolean;
  /** False where every change passes. */
  readonly active: boolean;
  readonly #letters: Uint8Array;
  readonly #tables: ReadonlySet<string> | undefined;
  readonly #catalog: RelationCatalog;
  /** For each relation version: 1 passes, 2 does not, 0 not asked yet. */
  #verdicts = new Uint8Array(64);

  constructor(spec: ViewSpec, catalog: RelationCatalog) {
    this.#catalog = catalog;
    this.byColumns = spec.operations.length > 0 || spec.tables.length > 0;
    this.active = this.byColumns || spec.text !== '';
    this.#tables = spec.tables.length === 0 ? undefined : new Set(spec.tables);
    if (spec.operations.length === 0) {
      this.#letters = IS_CHANGE;
    } else {
      this.#letters = new Uint8Array(256);
      for (const operation of spec.operations) this.#letters[letterOf(operation)] = 1;
    }
  }

  get byTable(): boolean {
    return this.#tables !== undefined;
  }

  /** `maybe`: a Truncate of several tables, whose bytes must be asked. */
  passes(kind: number, relation: number): boolean | 'maybe' {
    if (this.#letters[kind] !== 1) return false;
    if (this.#tables === undefined) return true;
    if (relation !== NONE && this.#relationPasses(relation)) return true;
    return kind === MessageLetter.truncate ? 'maybe' : false;
  }

  tablePasses(id: string): boolean {
    return this.#tables?.has(id) !== false;
  }

  /** Whether an event that is a change passes. */
  eventPasses(event: LogicalEvent): boolean {
    if (!isOperation(event.kind) || this.#letters[letterOf(event.kind)] !== 1) return false;
    if (this.#tables === undefined) return true;
    if (event.kind === 'truncate') {
      return event.relations.some(({ schema, table }) =>
        this.tablePasses(tableIdOf({ schema, name: table })),
      );
    }
    if (!('table' in event)) return false;
    return this.tablePasses(tableIdOf({ schema: event.schema, name: event.table }));
  }

  /** False where no row of a chunk can pass. `versions` is how many relation versions there are. */
  mayPass(zone: Zone, versions: number): boolean {
    let letters = false;
    for (const letter of Object.keys(zone.kinds)) {
      if (this.#letters[letter.charCodeAt(0)] === 1) letters = true;
    }
    if (!letters || this.#tables === undefined) return letters;
    if ('T' in zone.kinds) return true;
    for (let version = 0; version < versions; version++) {
      if (this.#relationPasses(version) && mayHaveRelation(zone, version)) return true;
    }
    return false;
  }

  #relationPasses(version: number): boolean {
    if (version >= this.#verdicts.length) {
      const verdicts = new Uint8Array(version * 2);
      verdicts.set(this.#verdicts);
      this.#verdicts = verdicts;
    }
    let verdict = this.#verdicts[version];
    if (verdict === 0) {
      verdict = this.#tables?.has(this.#catalog.tableId(version)) === true ? 1 : 2;
      this.#verdicts[version] = verdict;
    }
    return verdict === 1;
  }
}

function isOperation(kind: LogicalEvent['kind']): kind is Operation {
  return OPERATIONS.some(operation => operation === kind);
}
