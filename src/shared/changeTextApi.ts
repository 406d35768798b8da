/**
 * A change, or the whole transaction of it, as text for other tools. `redo` and `undo` are SQL, `native`
 * the event format of this project, `debezium` the values of Debezium's events; JSON stands one a line.
 */
export type ChangeForm = 'redo' | 'undo' | 'native' | 'debezium';

export const CHANGE_FORMS: readonly ChangeForm[] = ['redo', 'undo', 'native', 'debezium'];

/** Most UTF-16 units of a text that is shown; a copy holds more. */
export const CHANGE_TEXT_LIMIT = 128 * 1024;

export interface ChangeTextRequest {
  readonly seq: number;
  readonly form: ChangeForm;
  /** `transaction`: all changes of the transaction that the message belongs to, committed or not. */
  readonly scope: 'change' | 'transaction';
  /** JSON over many lines. */
  readonly pretty: boolean;
}

export interface ChangeText {
  /** Empty where there is none: `remarks` say why. */
  readonly text: string;
  /** What has to be known about it, a sentence each. */
  readonly remarks: readonly string[];
  /** False where the text does not do, or hold, all that was asked for. */
  readonly complete: boolean;
}

/** A table as of one message, and all descriptions of it. */
export interface RelationDetail {
  readonly schema: string;
  readonly table: string;
  readonly oid: number;
  readonly replicaIdentity: string;
  readonly columns: readonly RelationDetailColumn[];
  /** Every description of the table that the capture holds, in order of arrival. */
  readonly versions: readonly RelationVersionDetail[];
  /** Why there is none; empty where there is. */
  readonly problem: string;
}

export interface RelationDetailColumn {
  readonly name: string;
  readonly type: string;
  readonly typeOid: number;
  readonly typeModifier: number;
  readonly key: boolean;
}

export interface RelationVersionDetail {
  /** The message that brought it. */
  readonly seq: number;
  readonly lsn: string;
  /** Commit time of its transaction; empty where it is not known. */
  readonly time: string;
  /** The one that the message asked about was read with. */
  readonly current: boolean;
  /** What is new against the one before, a phrase each; empty for the first. */
  readonly changes: readonly string[];
}

export interface ChangeTextApi {
  changeText(p: ChangeTextRequest): Promise<ChangeText>;
  relation(p: { readonly seq: number }): Promise<RelationDetail>;
}
