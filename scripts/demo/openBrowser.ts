import { spawn } from 'node:child_process';
import process from 'node:process';

function opener(): readonly [string, ...string[]] | undefined {
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['cmd', '/c', 'start', ''];
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return DISPLAY !== undefined || WAYLAND_DISPLAY !== undefined ? ['xdg-open'] : undefined;
}

/** Opens the page in the user's browser, where there is a screen; else the printed address is it. */
export function openBrowser(url: string): void {
  const command = opener();
  if (command === undefined) return;
  const [program, ...args] = command;
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  child.once('error', () => {
    console.log(`${program} is missing: open the address yourself.`);
  });
  child.unref();
}
