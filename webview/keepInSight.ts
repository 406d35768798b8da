/** Space that stays free between what pops up and the edge of the window, in pixels. */
const EDGE = 4;

/** Moves what popped up to the left as far as it would stand outside the window. */
export function keepInSight(element: HTMLElement): void {
  element.style.marginLeft = '0';
  const { right, left } = element.getBoundingClientRect();
  const over = Math.min(right - (window.innerWidth - EDGE), left - EDGE);
  if (over > 0) element.style.marginLeft = `${String(-over)}px`;
}
