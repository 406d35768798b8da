import type { ServerMark } from './connection';

/** What is shown where it comes from. */
export interface SourceFacts {
  readonly title: string;
  /** Profile or file. */
  readonly server: string;
  readonly database: string;
  readonly serverVersion: string;
  readonly kind: 'tail' | 'peek' | 'consume' | 'file';
  readonly slot: string;
  readonly publications: readonly string[];
  readonly plugin: string;
  /** Values are missing from the file: see the patterns of {@link ColumnMask}. Absent: none are. */
  readonly redacted?: readonly string[];
}

/** The source as a timeline shows it: with the label and colour that its server has in the settings. */
export interface ShownSource extends SourceFacts, ServerMark {}
