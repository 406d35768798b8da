import type { CommandId } from '../commandIds';

/** What a node stands for; commands read it. Names are raw. */
export type NodeSubject =
  | { readonly kind: 'server'; readonly server: string }
  | { readonly kind: 'database'; readonly server: string; readonly database: string }
  | { readonly kind: 'publications'; readonly server: string; readonly database: string }
  | {
      readonly kind: 'publication';
      readonly server: string;
      readonly database: string;
      readonly publication: string;
    }
  | {
      readonly kind: 'table';
      readonly server: string;
      readonly database: string;
      readonly schema: string;
      readonly table: string;
    }
  | { readonly kind: 'slots'; readonly server: string }
  | {
      readonly kind: 'slot';
      readonly server: string;
      readonly slot: string;
      /** `X/X`; empty where the slot has none. */
      readonly restartLsn: string;
      readonly confirmedFlushLsn: string;
    }
  | { readonly kind: 'subscriptions'; readonly server: string }
  | {
      readonly kind: 'subscription';
      readonly server: string;
      readonly database: string;
      readonly subscription: string;
    }
  | {
      /** A line about a list: its filter, or that there is more. */
      readonly kind: 'list';
      readonly server: string;
      /** Id of the node that holds the list. */
      readonly parent: string;
    }
  | {
      readonly kind: 'message';
      readonly server: string;
      /** For a failure that may pass by itself: seconds until it is tried again unasked. */
      readonly retrySeconds?: number;
    };

/**
 * A line of the sidebar, ready to be shown: plain data, so that two readings of a server can be
 * compared, and so that what is shown can be tested without VS Code.
 */
export interface SidebarNode {
  /** Stable and unique in the tree; begins with its parent's id and a slash. */
  readonly id: string;
  readonly subject: NodeSubject;
  /** `viewItem` in the conditions of package.json's menus. */
  readonly context: string;
  readonly label: string;
  readonly description: string;
  /** Codicon, and the theme colour where the state calls for one. */
  readonly icon: { readonly name: string; readonly color?: string };
  /** The whole line for a screen reader, with words for what icon and colour say. */
  readonly accessible: string;
  readonly tooltip: {
    readonly title: string;
    readonly notes: readonly string[];
    readonly facts: readonly (readonly [string, string])[];
  };
  /** Whether there is something below, and whether it shows from the start. */
  readonly expandable: false | 'collapsed' | 'expanded';
  /** What a click does; absent for what only opens and closes. */
  readonly action?: { readonly command: CommandId; readonly title: string };
}

/** Joins names of any content to an id in which they cannot be confused. */
export function nodeId(...names: readonly string[]): string {
  return names.map(encodeURIComponent).join('/');
}

/** Colours for icons of what is wrong; the ones for lists are no colours in high contrast. */
export const ERROR_COLOR = 'problemsErrorIcon.foreground';
export const WARNING_COLOR = 'problemsWarningIcon.foreground';
