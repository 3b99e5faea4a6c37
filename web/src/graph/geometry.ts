import type { Point } from './layout';

export interface Circle extends Point {
  r: number;
}

export interface Arrow {
  /** The shaft, from the rim of the payer to the base of the head. */
  shaft: string;
  /** The head, its tip on the rim of the payee. */
  head: string;
  /** The shaft as a quadratic curve: start, control point, end. */
  path: [Point, Point, Point];
}

/** The point of a quadratic curve at t from 0 to 1. */
export function pointAt([a, b, c]: [Point, Point, Point], t: number): Point {
  const u = 1 - t;
  return { x: u * u * a.x + 2 * u * t * b.x + t * t * c.x, y: u * u * a.y + 2 * u * t * b.y + t * t * c.y };
}

/**
 * A curved arrow between two circles. It bends to the right of its own
 * direction, the more the higher `lane` is, so that money that goes back and
 * forth, and several classes between the same firms, all stay apart.
 */
export function arrow(from: Circle, to: Circle, lane: number, width: number): Arrow {
  const dx = to.x - from.x, dy = to.y - from.y;
  const length = Math.max(1, Math.hypot(dx, dy));
  const bend = Math.min(0.5, 26 / length + 0.07) * length * 0.6 + lane * Math.max(12, width * 1.2);
  // The control point of the quadratic curve, right of the straight line.
  const control = { x: (from.x + to.x) / 2 - (dy / length) * bend, y: (from.y + to.y) / 2 + (dx / length) * bend };
  const headLength = Math.min(6 + width * 1.15, Math.max(5, length * 0.4));
  const headWidth = Math.max(3.2, width * 0.95);

  const start = rim(from, control, 1);
  const tip = rim(to, control, 1.5);
  const along = direction(control, tip);
  const base = { x: tip.x - along.x * headLength, y: tip.y - along.y * headLength };
  return {
    shaft: `M${n(start.x)} ${n(start.y)}Q${n(control.x)} ${n(control.y)} ${n(base.x)} ${n(base.y)}`,
    head: `M${n(tip.x)} ${n(tip.y)}L${n(base.x - along.y * headWidth)} ${n(base.y + along.x * headWidth)}L${n(base.x + along.y * headWidth)} ${n(base.y - along.x * headWidth)}Z`,
    path: [start, control, base],
  };
}

function rim(c: Circle, towards: Point, gap: number): Point {
  const d = direction(c, towards);
  return { x: c.x + d.x * (c.r + gap), y: c.y + d.y * (c.r + gap) };
}

function direction(a: Point, b: Point): Point {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  return { x: (b.x - a.x) / length, y: (b.y - a.y) / length };
}

function n(v: number): string {
  return String(Math.round(v * 10) / 10);
}

/** Widths grow with the square root of dollars, so that areas of attention do; an unknown amount gets a hairline. */
export function widthScale(mostCents: number, widest: number): (cents: number | null) => number {
  const most = Math.max(1, mostCents);
  return (cents) => (cents === null ? 1.1 : Math.max(1.1, widest * Math.sqrt(Math.min(1, cents / most))));
}

/** Round amounts for the legend: the largest power of ten within the data, and two below. */
export function legendAmounts(mostCents: number): number[] {
  if (mostCents < 100) return [];
  const top = 10 ** Math.floor(Math.log10(mostCents) + 1e-9);
  const first = mostCents >= 3 * top ? [3 * top] : [];
  return [...first, top, top / 10, top / 100].filter((c) => c >= 1).slice(0, 3);
}
