import { visibleText } from '../base/visibleText';

/**
 * Text with names in it, for notifications, questions and quick picks: VS Code makes a link of
 * `[text](command:…)` and an icon of `$(name)` there, whoever wrote them.
 */
export function messageText(text: string): string {
  return visibleText(text).replaceAll('](', '] (').replaceAll('$(', '$ (');
}
