/** Whether a click on a link asks for a new tab or window, which is the browser's. */
export function elsewhere(e: MouseEvent): boolean {
  return e.metaKey || e.ctrlKey || e.shiftKey;
}
