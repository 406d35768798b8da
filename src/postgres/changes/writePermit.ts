import type { ProfileFacts } from '../../shared/connection';
import { refusalOf, type ChangeIntent } from './changeRules';
import { WriteRefused } from './writeRefused';

/**
 * Proof that a profile allows a change. Whatever changes a server for good asks for one, and only a
 * profile that is not read-only gives one, so no caller can go around the gate.
 */
export class WritePermit {
  readonly #intent: ChangeIntent;

  private constructor(
    intent: ChangeIntent,
    readonly profile: ProfileFacts,
  ) {
    this.#intent = intent;
  }

  /** Throws WriteRefused on a read-only profile. */
  static of(intent: ChangeIntent, profile: ProfileFacts): WritePermit {
    const refusal = refusalOf(intent, profile);
    if (refusal !== undefined) throw refusal;
    return new WritePermit(intent, profile);
  }

  covers(kind: ChangeIntent['kind'], name: string): boolean {
    return this.#intent.kind === kind && this.#intent.name === name;
  }

  /** Throws WriteRefused when it was given for something else. */
  assertCovers(kind: ChangeIntent['kind'], name: string): void {
    if (this.covers(kind, name)) return;
    throw new WriteRefused(
      'no-permission',
      `There is no permission for this change of ${JSON.stringify(name)}.`,
    );
  }
}
