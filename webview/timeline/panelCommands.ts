import { COPY_TEXT_LIMIT } from '../../src/shared/timelineApi';
import type { TimelineCommand } from '../../src/shared/timelineApi';
import type { BookmarkActions } from './bookmarkActions';
import type { DetailPane } from './detailPane';
import type { FindBar } from './findBar';
import type { FindDirection, FindModel } from './findModel';
import type { MenuFilters } from './menuFilters';
import type { RowActions } from './rowActions';
import type { RowNavigation } from './rowNavigation';
import type { TimelineModel } from './timelineModel';
import type { FilterTarget } from './valueFilter';

/** The parts of the panel that commands need, as far as they are drawn. */
export interface CommandParts {
  readonly findBar: FindBar | null;
  readonly pane: DetailPane | null;
  readonly grid: { readonly day: Date } | null;
}

/** What narrows the list and marks its rows. */
export interface MarkingParts {
  readonly filters: MenuFilters;
  readonly bookmarks: BookmarkActions;
  /** What the latest menu was opened on. */
  readonly target: () => FilterTarget | undefined;
}

/** What VS Code's commands and the keys of the panel do. */
export class PanelCommands {
  readonly #find: FindModel;
  readonly #actions: RowActions;
  readonly #parts: () => CommandParts;
  readonly #model: Pick<TimelineModel, 'selection'>;
  readonly #navigation: RowNavigation;
  readonly #marking: MarkingParts;

  constructor(
    model: Pick<TimelineModel, 'selection'>,
    find: FindModel,
    actions: RowActions,
    navigation: RowNavigation,
    marking: MarkingParts,
    parts: () => CommandParts,
  ) {
    this.#model = model;
    this.#navigation = navigation;
    this.#marking = marking;
    this.#find = find;
    this.#actions = actions;
    this.#parts = parts;
  }

  /** Keys that work anywhere in the panel; where a user has other ones, VS Code sends the command. */
  readonly key = (event: KeyboardEvent): void => {
    const name = commandOfKey(event);
    if (name === undefined) return;
    // Handled: VS Code must not run its command for the same key again.
    event.preventDefault();
    event.stopPropagation();
    this.run({ name });
  };

  run({ name, row }: TimelineCommand): void {
    switch (name) {
      case 'find':
        this.#openFind();
        break;
      case 'nextMatch':
        this.#step('next');
        break;
      case 'previousMatch':
        this.#step('previous');
        break;
      case 'firstOfRow':
      case 'previousOfRow':
      case 'nextOfRow':
      case 'lastOfRow':
      case 'filterByRow':
        void this.#navigation.run(name, this.#targetOf(row)?.seq ?? row?.seq ?? -1);
        break;
      case 'filterTransaction':
      case 'filterValue':
      case 'excludeValue':
        void this.#marking.filters.run(name, this.#targetOf(row));
        break;
      case 'bookmark':
        this.#marking.bookmarks.toggle(row?.seq);
        break;
      case 'nextBookmark':
        this.#marking.bookmarks.step('next');
        break;
      case 'previousBookmark':
        this.#marking.bookmarks.step('previous');
        break;
      case 'jump':
        void this.#actions.jump(this.#parts().grid?.day);
        break;
      case 'copy':
        this.#copy(row);
        break;
      case 'copyJson':
        void this.#actions.copyRows('json', row);
        break;
      case 'exportSelection':
        void this.#actions.export('selection', row);
    }
  }

  /** Without a menu it is about the active row. */
  #targetOf(row: TimelineCommand['row']): FilterTarget | undefined {
    const { selection } = this.#model;
    if (row !== undefined) return this.#marking.target();
    return selection === undefined ? undefined : { seq: selection.seq, of: 'transaction' };
  }

  /** At once: what is typed next belongs to it. */
  #openFind(): void {
    const { findBar } = this.#parts();
    if (findBar === null) return;
    this.#find.show();
    findBar.hidden = false;
    findBar.focus();
  }

  /** Without a text to look for there is one to ask for. */
  #step(direction: FindDirection): void {
    if (this.#find.text === '') {
      this.#openFind();
      return;
    }
    if (!this.#find.open) this.#find.show();
    this.#find.go(direction);
  }

  /** VS Code's command knows nothing of where the focus is. */
  #copy(row: TimelineCommand['row']): void {
    const marked = row === undefined ? markedText() : undefined;
    if (marked === undefined) {
      if (row !== undefined || this.#parts().pane?.copyFocused() !== true) {
        void this.#actions.copyRows('text', row);
      }
    } else if (marked !== '') {
      void this.#actions.copy({ what: 'text', text: marked.slice(0, COPY_TEXT_LIMIT) });
    }
  }
}

/** Letters that stand for commands while the list has the focus. */
export function commandOfListKey(event: KeyboardEvent): TimelineCommand['name'] | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
  switch (event.key) {
    case 'b':
      return 'bookmark';
    case 'n':
      return 'nextBookmark';
    case 'N':
      return 'previousBookmark';
    default:
      return undefined;
  }
}

function commandOfKey(event: KeyboardEvent): TimelineCommand['name'] | undefined {
  if (event.altKey) return rowCommandOfKey(event);
  const key = event.key.toLowerCase();
  if (key === 'f3') return event.shiftKey ? 'previousMatch' : 'nextMatch';
  if (event.shiftKey) return undefined;
  if (key === 'f' && (event.ctrlKey || event.metaKey)) return 'find';
  return key === 'g' && event.ctrlKey ? 'jump' : undefined;
}

/** With Alt the arrows go among the changes of the row that is active. */
function rowCommandOfKey(event: KeyboardEvent): TimelineCommand['name'] | undefined {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  switch (event.key) {
    case 'ArrowUp':
      return 'previousOfRow';
    case 'ArrowDown':
      return 'nextOfRow';
    case 'Home':
      return 'firstOfRow';
    case 'End':
      return 'lastOfRow';
    default:
      return undefined;
  }
}

/** Text that is marked: in the text field with the focus, or by the pointer; undefined where none is. */
function markedText(): string | undefined {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement != null) element = element.shadowRoot.activeElement;
  if (element instanceof HTMLInputElement) {
    return element.value.slice(element.selectionStart ?? 0, element.selectionEnd ?? 0);
  }
  const marked = String(document.getSelection() ?? '');
  return marked === '' ? undefined : marked;
}
