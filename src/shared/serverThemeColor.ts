import type { ServerColor } from './connection';

/**
 * The theme colour, as VS Code calls it, that a server's mark is drawn in. Orange is not that of the
 * charts, which is hardly there on a dark and on a light background and none at all in high contrast.
 */
export function serverThemeColor(color: ServerColor): string {
  return color === 'orange' ? 'symbolIcon.classForeground' : `charts.${color}`;
}
