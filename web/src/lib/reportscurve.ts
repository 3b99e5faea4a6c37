// Curves over time: which figures stand together, where ticks and names go.
import { money, number, percent, words, capital } from './format';

export interface Series {
  figure: string;
  title: string;
  type: 'money' | 'ratio' | 'number' | 'count';
  values: (number | null)[];
}

export interface TrendPoint {
  as_of: string | null;
  run: string | null;
  slot: string | null;
}

export interface Trends {
  graph: { revision: number; hash: string } | null;
  points: TrendPoint[];
  series: Series[];
}

export interface Line {
  name: string;
  values: (number | null)[];
}

export interface Group {
  name: string;
  title: string;
  note: string;
  type: Series['type'];
  lines: Line[];
}

interface Shape {
  name: string;
  title: string;
  note: string;
  /** The figures, in order, each with what it is called; or a pattern around the id of a company. */
  figures?: [path: string, called: string][];
  around?: [before: string, after: string];
}

const kinds = ['round_trip', 'reciprocal_trade', 'cross_holding', 'contingent', 'other'];

const shapes: Shape[] = [
  { name: 'circularity', title: 'Circularity index', note: 'The share of all money that can go round.', figures: [['circularity/ci', 'Index']] },
  { name: 'loops', title: 'Loops by kind', note: 'How many loops there are.', figures: kinds.map((k) => [`cycles/by_kind/${k}`, capital(words(k))]) },
  { name: 'amounts', title: 'Amounts', note: 'What companies fund and pay, and what of it goes round.', figures: [['total/PAYS', 'Pays'], ['total/FUNDS', 'Funds'], ['circularity/circular_cents', 'Goes round']] },
  { name: 'financed', title: 'Vendor-financed share', note: 'The share of bookings that the vendor funds itself.', figures: [['vendor-financing/share', 'Share']] },
  { name: 'coverage', title: 'Tied coverage', note: 'The share of a buyer’s promises that those it pays fund.', around: ['coverage/buyers/', '/tied_coverage'] },
  { name: 'promises', title: 'Promised', note: 'What buyers have promised to pay.', around: ['coverage/buyers/', '/promised_cents'] },
  { name: 'hhi', title: 'Concentration of vendors', note: 'Herfindahl index of what a customer pays, 10,000 for a single vendor.', around: ['vendors/hhi/', ''] },
];

/**
 * The groups of curves that the figures allow. Of companies the largest promises
 * come first, and `most` of them are kept. A curve without a known value, or
 * always zero beside others, is left out.
 */
export function groups(t: Trends, most: number, company: (id: string) => string): Group[] {
  const by = new Map(t.series.map((s) => [s.figure, s]));
  const promised = (id: string): number => lastKnown(by.get(`coverage/buyers/${id}/promised_cents`)?.values ?? []) ?? -1;
  return shapes.flatMap((shape): Group[] => {
    let found: [Series, string][];
    if (shape.around) {
      const [before, after] = shape.around;
      const ids = t.series.map((s) => s.figure).filter((f) => f.startsWith(before) && f.endsWith(after)).map((f) => f.slice(before.length, f.length - after.length));
      found = ids
        .filter((id) => lastKnown(by.get(before + id + after)!.values) !== null)
        .sort((a, b) => promised(b) - promised(a) || (a < b ? -1 : 1))
        .slice(0, most)
        .map((id) => [by.get(before + id + after)!, company(id)]);
    } else {
      found = (shape.figures ?? []).flatMap(([path, called]): [Series, string][] => (by.has(path) ? [[by.get(path)!, called]] : []));
      if (found.length > 1) found = found.filter(([s]) => s.values.some((v) => v !== null && v !== 0));
    }
    const first = found[0];
    if (!first || found.every(([s]) => s.values.every((v) => v === null))) return [];
    return [{ name: shape.name, title: shape.title, note: shape.note, type: first[0].type, lines: found.map(([s, name]) => ({ name, values: s.values })) }];
  });
}

function lastKnown(values: (number | null)[]): number | null {
  return values.findLast((v) => v !== null) ?? null;
}

/** A value of a curve as a reader sees it. */
export function shown(type: Series['type'], v: number | null | undefined): string {
  if (v === null || v === undefined) return 'unknown';
  if (type === 'money') return money(v);
  return type === 'ratio' ? percent(v) : number(v, type === 'count' ? 0 : 2);
}

/** Round values from 0, or below it, that hold all of the lines; at most six. */
export function levels(lines: Line[], type: Series['type']): number[] {
  const all = lines.flatMap((l) => l.values).filter((v) => v !== null);
  const least = Math.min(0, ...all);
  const most = Math.max(0, ...all) || (least < 0 ? 0 : type === 'money' ? 100 : type === 'ratio' ? 0.01 : 1);
  const span = most - least;
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  // Shares are written with one place, so that no step may have two.
  const fine = type === 'ratio' && power < 0.01;
  let step = (fine ? [1, 2, 5, 10] : [1, 2, 2.5, 5, 10]).map((n) => n * power).find((n) => n >= rough * 0.999999)!;
  if (fine) step = Math.max(0.001, step);
  if (type === 'count') step = Math.max(1, Math.ceil(step));
  const list: number[] = [];
  for (let n = Math.floor(least / step + 1e-9); ; n++) {
    list.push(Number((n * step).toPrecision(12)));
    if (n * step >= most - 1e-9 * span && n * step > least) return list;
  }
}

/** A level as short as it can be. */
export function levelText(type: Series['type'], v: number): string {
  return v === 0 && type !== 'ratio' ? '0' : shown(type, v).replace(/\.0+(?=\D|$)/, '');
}

/** Days on the time axis that get a name: years, or months where there is room for them. */
export function dayTicks(first: number, last: number, width: number): { day: number; text: string }[] {
  const span = Math.max(1, last - first);
  for (const months of [1, 2, 3, 6, 12, 24, 60, 120]) {
    if ((span / (months * 30.4)) * (months % 12 === 0 ? 38 : 62) > width) continue;
    const list: { day: number; text: string }[] = [];
    const start = new Date(first * 86_400_000);
    let year = start.getUTCFullYear();
    for (let m = 0; ; m += months) {
      const day = Date.UTC(year, m, 1) / 86_400_000;
      if (day > last) break;
      if (day >= first) list.push({ day, text: months % 12 === 0 ? String(new Date(day * 86_400_000).getUTCFullYear()) : new Date(day * 86_400_000).toISOString().slice(0, 7) });
    }
    if (list.length > 1 || months >= 12) return list.length > 0 ? list : [{ day: last, text: new Date(last * 86_400_000).toISOString().slice(0, 10) }];
  }
  return [];
}

/** Moves names apart that would lie on each other, between two bounds; same order as given. */
export function apart(wanted: number[], gap: number, top: number, bottom: number): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y || a.i - b.i);
  let floor = top;
  for (const o of order) {
    o.y = Math.max(o.y, floor);
    floor = o.y + gap;
  }
  let ceiling = bottom;
  for (const o of order.toReversed()) {
    o.y = Math.min(o.y, ceiling);
    ceiling = o.y - gap;
  }
  const out = [...wanted];
  for (const o of order) out[o.i] = o.y;
  return out;
}

/** The pieces of a line between unknown values, each a list of places. */
export function pieces(values: (number | null)[]): number[][] {
  const list: number[][] = [];
  let open = false;
  values.forEach((v, i) => {
    if (v === null) open = false;
    else if (open) list.at(-1)!.push(i);
    else {
      list.push([i]);
      open = true;
    }
  });
  return list;
}
