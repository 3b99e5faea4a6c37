import { describe, expect, it } from 'vitest';
import { bottleneck, cell, compare, legsOf } from './cells';

const names = (id: string) => ({ openai: 'OpenAI', amazon: 'Amazon' })[id] ?? id;

describe('cells', () => {
  it('follow the type of their column', () => {
    expect(cell({ name: 'amount_cents', type: 'money' }, 3_800_000_000_000)).toBe('$38.0bn');
    expect(cell({ name: 'tied_coverage', type: 'ratio' }, 0.263158)).toBe('26.3 %');
    expect(cell({ name: 'ring', type: 'ring' }, ['amazon', 'openai'], names)).toBe('Amazon → OpenAI → Amazon');
    expect(cell({ name: 'customers', type: 'companies' }, ['amazon', 'openai'], names)).toBe('Amazon, OpenAI');
    expect(cell({ name: 'hops', type: 'count' }, 3)).toBe('3');
    expect(cell({ name: 'kind', type: 'text' }, 'round_trip')).toBe('round trip');
    expect(cell({ name: 'partial', type: 'flag' }, false)).toBe('no');
    expect(cell({ name: 'hop_amounts_cents', type: 'money_list' }, [1_000_000_000_000, null])).toBe('$10.0bn, unknown');
  });

  it('say unknown, never zero', () => {
    expect(cell({ name: 'rt_cents', type: 'money' }, null)).toBe('unknown');
    expect(cell({ name: 'retention', type: 'ratio' }, null)).toBe('unknown');
  });

  it('leave what has parts to a wider view', () => {
    expect(cell({ name: 'funders', type: 'object' }, [{ funder: 'amazon' }])).toBeNull();
  });
});

describe('sorting', () => {
  it('puts unknown last in both directions', () => {
    expect([null, 2, 1].sort((a, b) => compare(a, b, false))).toEqual([1, 2, null]);
    expect([null, 2, 1].sort((a, b) => compare(a, b, true))).toEqual([2, 1, null]);
  });
});

describe('the evidence of a row', () => {
  it('is each leg once, from flat and nested lists', () => {
    expect(legsOf({ legs: [['a', 'b'], ['b', 'c']] })).toEqual(['a', 'b', 'c']);
    expect(legsOf({ legs: ['a'] })).toEqual(['a']);
    expect(legsOf({})).toEqual([]);
  });
});

describe('the bottleneck of a loop', () => {
  const text = (least: number | null, most: number | null, partial: boolean) => bottleneck({ bottleneck_cents: least, bottleneck_at_most_cents: most, partial });

  it('is exact where a hop known in full is the least, be others partly known or not', () => {
    expect(text(4e12, 4e12, false)).toBe('$40.0bn');
    expect(text(4e12, 4e12, true)).toBe('$40.0bn');
  });

  it('is a bound where the least hop is partly known or a hop is unknown', () => {
    expect(text(1e12, 4e12, true)).toBe('≥ $10.0bn');
    expect(text(1e12, null, true)).toBe('≥ $10.0bn');
    expect(text(null, 4e12, false)).toBe('≤ $40.0bn');
    expect(text(null, null, false)).toBe('unknown');
  });
});
