let context: CanvasRenderingContext2D | null | undefined;
const known = new Map<string, number>();

/** The width in pixels of a name on the map; an estimate where nothing can be measured. */
export function textWidth(text: string): number {
  let width = known.get(text);
  if (width === undefined) {
    context ??= typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d');
    if (context) context.font = '600 11.5px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
    width = context?.measureText(text).width ?? text.length * 6.4;
    known.set(text, width);
  }
  return width;
}
