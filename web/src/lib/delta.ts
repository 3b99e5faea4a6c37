// The two answers of a comparison, column by column. The server names the values
// of amount_cents amount_before_cents, amount_after_cents and amount_delta_cents.
import { cell, isNumeric } from './cells';
import type { Column, Row } from './types';

export interface Moved {
  column: Column;
  before: string;
  after: string;
  /** null where the values have no difference. */
  delta: string | null;
}

/** The columns of an analysis that are not its key, with the names of their sides. */
export function movedColumns(base: Column[], delta: Column[]): Moved[] {
  const shown = new Map(delta.map((c) => [c.name, c]));
  return base
    .filter((c) => !c.key)
    .map((column) => {
      const cents = column.name.endsWith('_cents');
      const stem = cents ? column.name.slice(0, -'_cents'.length) : column.name;
      const side = (part: string): string => `${stem}_${part}${cents ? '_cents' : ''}`;
      return { column, before: side('before'), after: side('after'), delta: shown.has(side('delta')) ? side('delta') : null };
    })
    .filter((m) => shown.has(m.after) && !shown.get(m.after)!.detail && !['legs', 'leg_lists'].includes(m.column.type));
}

/** A difference with its sign: +$100.0bn, −19.1 points for a share, "" where there is none. */
export function difference(column: Pick<Column, 'name' | 'type' | 'unit'>, value: unknown): string {
  if (typeof value !== 'number' || value === 0 || !isNumeric(column)) return '';
  const text = cell(column, Math.abs(value)) ?? '';
  return (value > 0 ? '+' : '−') + (column.type === 'ratio' ? text.replace(/ %$/, ' points') : text);
}

/** Whether the two sides of a row differ in a column. */
export function differs(row: Row, m: Moved): boolean {
  return JSON.stringify(row[m.before] ?? null) !== JSON.stringify(row[m.after] ?? null);
}
