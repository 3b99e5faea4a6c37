import { money, number, percent, words } from './format';
import type { Column, Loop } from './types';

/**
 * A value of an answer as text, by the type that its column declares; null for
 * a value that has parts of its own and needs more than a line.
 */
export function cell(column: Pick<Column, 'name' | 'type' | 'unit'>, value: unknown, name: (id: string) => string = (id) => id): string | null {
  if (value === null || value === undefined) return 'unknown';
  switch (column.type) {
    case 'money':
      return typeof value === 'number' ? money(value) : String(value);
    case 'ratio':
      return typeof value === 'number' ? percent(value) : String(value);
    case 'money_list':
      return Array.isArray(value) ? value.map((v) => money(v as number | null)).join(', ') : null;
    case 'company':
      return name(String(value));
    case 'companies':
      return Array.isArray(value) ? value.map((v) => name(String(v))).join(', ') : null;
    case 'path':
      return Array.isArray(value) ? value.map((v) => name(String(v))).join(' → ') : null;
    case 'key':
      return name(String(value));
    case 'list':
      if (Array.isArray(value) && value.length === 0) return 'none';
      if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value.map(name).join(', ');
      break;
    case 'ring':
      return Array.isArray(value) ? [...value, value[0]].map((v) => name(String(v))).join(' → ') : null;
    case 'number':
    case 'count':
      return typeof value === 'number' ? number(value) : String(value);
    case 'flag':
      return value ? 'yes' : 'no';
    case 'date':
      return value === '' ? 'undated' : String(value);
  }
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return column.type === 'text' && /^[a-z]+(_[a-z]+)*$/.test(value) ? words(value) : value;
  if (Array.isArray(value) && value.every((v) => typeof v === 'string' || typeof v === 'number')) return value.join(', ');
  return null;
}

const numeric = new Set(['money', 'ratio', 'number', 'count']);

export function isNumeric(column: Pick<Column, 'type'>): boolean {
  return numeric.has(column.type);
}

/** Orders two values of a column, unknown last whatever the direction. */
export function compare(a: unknown, b: unknown, descending: boolean): number {
  const none = (v: unknown) => v === null || v === undefined || v === '';
  if (none(a) || none(b)) return Number(none(a)) - Number(none(b));
  const sign = descending ? -1 : 1;
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
  const x = Array.isArray(a) ? a.join('\u0000') : String(a), y = Array.isArray(b) ? b.join('\u0000') : String(b);
  return x === y ? 0 : sign * (x < y ? -1 : 1);
}

/** All leg ids in a row, in order and once each: those of its lists of legs. */
export function legsOf(row: Record<string, unknown>): string[] {
  const list = row['legs'] ?? row['evidence'];
  return Array.isArray(list) ? [...new Set((list.flat(2) as unknown[]).map(String))] : [];
}

/**
 * The bottleneck of a loop. A hop of which only a part is known makes it a lower
 * bound, unless a hop that is known in full is no larger; without a known
 * bottleneck the least known hop is an upper bound.
 */
export function bottleneck(l: Pick<Loop, 'bottleneck_cents' | 'bottleneck_at_most_cents' | 'partial'>): string {
  const { bottleneck_cents: least, bottleneck_at_most_cents: most } = l;
  if (least === null) return most === null ? 'unknown' : `≤ ${money(most)}`;
  return (l.partial && least !== most ? '≥ ' : '') + money(least);
}
