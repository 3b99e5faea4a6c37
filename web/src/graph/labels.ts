import { type Circle, pointAt } from './geometry';
import type { Point } from './layout';

export interface Label {
  id: string;
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
}

export interface Wanted extends Circle {
  id: string;
  width: number;
  /** Placed whatever it covers: what the reader points at. */
  must: boolean;
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const height = 13;

/**
 * Chooses which names to show and where. In the given order of priority each
 * takes the first place beside its circle that covers neither another name nor
 * another circle; a name without such a place is left out.
 */
export function placeLabels(wanted: Wanted[], circles: Circle[], frame: Box): Label[] {
  const taken: Box[] = [];
  const labels: Label[] = [];
  for (const w of wanted) {
    const places = candidates(w);
    const free = places.find(({ box }) => inside(box, frame) && !taken.some((t) => overlap(t, box)) && !circles.some((c) => c.x !== w.x && covers(box, c)));
    const chosen = free ?? (w.must ? (places.find(({ box }) => !taken.some((t) => overlap(t, box))) ?? places[0]) : undefined);
    if (!chosen) continue;
    taken.push(chosen.box);
    labels.push({ id: w.id, ...chosen.label });
  }
  return labels;
}

function candidates(w: Wanted): { box: Box; label: Omit<Label, 'id'> }[] {
  const gap = w.r + 4;
  const side = (x: number, anchor: 'start' | 'end', dy = 0) => ({
    box: { left: anchor === 'start' ? x : x - w.width, right: anchor === 'start' ? x + w.width : x, top: w.y + dy - height / 2, bottom: w.y + dy + height / 2 },
    label: { x, y: w.y + dy + 4, anchor },
  });
  const middle = (top: number) => ({
    box: { left: w.x - w.width / 2, right: w.x + w.width / 2, top, bottom: top + height },
    label: { x: w.x, y: top + height - 3, anchor: 'middle' as const },
  });
  return [
    side(w.x + gap, 'start'),
    side(w.x - gap, 'end'),
    middle(w.y + w.r + 3),
    middle(w.y - w.r - 3 - height),
    side(w.x + gap * 0.75, 'start', -gap * 0.75),
    side(w.x + gap * 0.75, 'start', gap * 0.75),
    side(w.x - gap * 0.75, 'end', -gap * 0.75),
    side(w.x - gap * 0.75, 'end', gap * 0.75),
  ];
}

function inside(b: Box, frame: Box): boolean {
  return b.left >= frame.left && b.right <= frame.right && b.top >= frame.top && b.bottom <= frame.bottom;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right + 3 && b.left < a.right + 3 && a.top < b.bottom + 1 && b.top < a.bottom + 1;
}

function covers(b: Box, c: Circle): boolean {
  const dx = c.x - Math.min(b.right, Math.max(b.left, c.x));
  const dy = c.y - Math.min(b.bottom, Math.max(b.top, c.y));
  return dx * dx + dy * dy < c.r * c.r;
}

export interface OnLine {
  width: number;
  path: [Point, Point, Point];
}

/**
 * Puts a small sign on each line, at the point nearest to its middle where it
 * covers no other sign and no circle; beside the line where the line is short.
 */
export function placeOnLines<T extends OnLine>(wanted: T[], circles: Circle[]): (T & Point)[] {
  const taken: Box[] = [];
  return wanted.map((w) => {
    const box = (p: Point): Box => ({ left: p.x - w.width / 2, right: p.x + w.width / 2, top: p.y - 9, bottom: p.y + 9 });
    const places = spots(w);
    const clear = places.filter((p) => !taken.some((t) => overlap(t, box(p))));
    const at = clear.find((p) => !circles.some((c) => covers(box(p), c))) ?? clear[0] ?? places[0]!;
    taken.push(box(at));
    return { ...w, ...at };
  });
}

function spots(w: OnLine): Point[] {
  const places = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74].map((t) => pointAt(w.path, t));
  const middle = places[0]!, control = w.path[1];
  const length = Math.hypot(control.x - middle.x, control.y - middle.y) || 1;
  for (const far of [14, 24, w.width / 2 + 6]) {
    places.push({ x: middle.x + ((control.x - middle.x) / length) * far, y: middle.y + ((control.y - middle.y) / length) * far });
  }
  return places;
}
