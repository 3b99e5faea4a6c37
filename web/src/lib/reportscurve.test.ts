import { describe, expect, it } from 'vitest';
import { apart, dayTicks, groups, levels, levelText, pieces, type Trends } from './reportscurve';

const day = (text: string): number => Date.parse(text) / 86_400_000;

describe('groups', () => {
  const points = ['2025-11-30', '2025-12-16'].map((as_of) => ({ as_of, run: null, slot: null }));
  const series = (figure: string, type: 'money' | 'ratio' | 'count', ...values: (number | null)[]) => ({ figure, title: figure, type, values });
  const t: Trends = {
    graph: null,
    points,
    series: [
      series('circularity/ci', 'ratio', 0, 0),
      series('coverage/buyers/a/promised_cents', 'money', 5, 7),
      series('coverage/buyers/a/tied_coverage', 'ratio', null, 0.5),
      series('coverage/buyers/b/promised_cents', 'money', null, 900),
      series('coverage/buyers/b/tied_coverage', 'ratio', null, 0),
      series('coverage/buyers/c/promised_cents', 'money', null, null),
      series('coverage/buyers/c/tied_coverage', 'ratio', null, null),
      series('cycles/by_kind/other', 'count', 0, 0),
      series('cycles/by_kind/round_trip', 'count', 1, 3),
    ],
  };

  it('leaves out a group of which nothing is known', () => {
    expect(groups({ graph: null, points, series: [series('circularity/ci', 'ratio', null, null)] }, 5, (id) => id)).toEqual([]);
  });

  it('puts the largest promises first and leaves out what is never known or always none', () => {
    const all = groups(t, 5, (id) => id.toUpperCase());
    expect(all.map((g) => [g.name, g.lines.map((l) => l.name)])).toEqual([
      ['circularity', ['Index']],
      ['loops', ['Round trip']],
      ['coverage', ['B', 'A']],
      ['promises', ['B', 'A']],
    ]);
    expect(groups(t, 1, (id) => id)[2]!.lines.map((l) => l.name)).toEqual(['b']);
  });
});

describe('levels', () => {
  const line = (...values: (number | null)[]) => [{ name: '', values }];
  it('are round and hold every value', () => {
    expect(levels(line(88, null), 'count')).toEqual([0, 25, 50, 75, 100]);
    expect(levels(line(0.086254), 'ratio')).toEqual([0, 0.025, 0.05, 0.075, 0.1]);
    expect(levels(line(1), 'count')).toEqual([0, 1]);
    expect(levels(line(0, 0), 'ratio')).toEqual([0, 0.005, 0.01]);
    expect(levels(line(0.0004), 'ratio')).toEqual([0, 0.001]);
    expect(levels(line(null), 'money').length).toBeGreaterThan(1);
    expect(levels(line(-3, 5), 'number')).toEqual([-4, -2, 0, 2, 4, 6]);
  });
  it('read short', () => {
    expect(levelText('money', 150_000_000_000_000)).toBe('$1.5tn');
    expect(levelText('money', 5_000_000_000_000)).toBe('$50bn');
    expect(levelText('ratio', 0.25)).toBe('25 %');
    expect(levelText('count', 100)).toBe('100');
  });
});

describe('dayTicks', () => {
  it('are years where there is no room for months, and fewer of them where there is less', () => {
    expect(dayTicks(day('2023-01-31'), day('2026-11-23'), 250).map((t) => t.text)).toEqual(['2024', '2025', '2026']);
    expect(dayTicks(day('2026-01-01'), day('2026-03-20'), 250).map((t) => t.text)).toEqual(['2026-01', '2026-02', '2026-03']);
    expect(dayTicks(day('2023-01-31'), day('2026-11-23'), 100).map((t) => t.text)).toEqual(['2025']);
    expect(dayTicks(day('2026-11-20'), day('2026-11-23'), 250).map((t) => t.text)).toEqual(['2026-11-23']);
  });
});

describe('apart', () => {
  it('keeps the gap, the bounds and the order', () => {
    expect(apart([10, 11, 50], 12, 5, 100)).toEqual([10, 22, 50]);
    expect(apart([98, 99], 12, 5, 100)).toEqual([88, 100]);
    expect(apart([20, 8], 12, 10, 100)).toEqual([22, 10]);
  });
});

describe('pieces', () => {
  it('break where a value is unknown', () => {
    expect(pieces([null, 1, 2, null, 3])).toEqual([[1, 2], [4]]);
  });
});
