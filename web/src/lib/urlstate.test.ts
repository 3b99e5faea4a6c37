import { describe, expect, it } from 'vitest';
import { emptyState, formatState, parseState, withoutDefaults } from './urlstate';

describe('the address of the page', () => {
  it('is plain for the state that the page starts with', () => {
    expect(formatState(emptyState())).toBe('');
    expect(parseState('')).toEqual(emptyState());
  });

  it('gives back the state that it was made from', () => {
    const state = {
      lens: { as_of: '2025-12-16', companies: 'amazon,openai', min_amount: '1bn' },
      params: { cycles: { max_hops: '4' }, coverage: { buyer: 'openai' } },
      request: { scenario: 'amazon-closes', draws: '500' },
      analysis: 'coverage',
      view: 'scenarios' as const, base: 'a1b2', chip: null, deal: null, query: null,
      reports: {}, draft: '{"name":"x","steps":[{"remove":{"legs":["a","b"]}}]}',
      show: 'table' as const,
      loop: 'c_0123456789abcdef',
      edge: { payer: 'openai', payee: 'amazon', class: 'PAYS' },
      company: 'openai',
    };
    const text = formatState(state);
    expect(text).toBe(
      '?as_of=2025-12-16&companies=amazon,openai&min_amount=1bn&view=scenarios&draws=500&scenario=amazon-closes&analysis=coverage&coverage.buyer=openai&cycles.max_hops=4&loop=c_0123456789abcdef&edge=openai~amazon~PAYS&company=openai&show=table' +
        '&draft=%7B%22name%22:%22x%22,%22steps%22:%5B%7B%22remove%22:%7B%22legs%22:%5B%22a%22,%22b%22%5D%7D%7D%5D%7D&base=a1b2',
    );
    expect(parseState(text)).toEqual(state);
  });

  it('is the same for the same state, in whatever order it came about', () => {
    const a = { ...emptyState(), lens: { basis: 'signed', as_of: '2025' } };
    const b = { ...emptyState(), lens: { as_of: '2025', basis: 'signed' } };
    expect(formatState(a)).toBe(formatState(b));
  });

  it('keeps ids with characters of their own meaning', () => {
    const state = { ...emptyState(), company: 'a&b=c#d', lens: { companies: 'x y,ü' } };
    expect(parseState(formatState(state))).toEqual(state);
  });

  it('names the question that is shown, and only there', () => {
    const state = { ...emptyState(), view: 'questions' as const, query: 'biggest-loops' };
    expect(formatState(state)).toBe('?view=questions&query=biggest-loops');
    expect(parseState(formatState(state))).toEqual(state);
    expect(formatState({ ...state, view: null })).toBe('');
  });

  it('drops an edge that is not one', () => {
    expect(parseState('?edge=openai~amazon').edge).toBeNull();
    expect(parseState('?edge=a~b~PAYS~x').edge).toBeNull();
  });
});

describe('values', () => {
  const declared = [{ name: 'basis', default: 'headline' }, { name: 'companies' }, { name: 'rollup', default: 'true' }];

  it('at their default or empty stay out of the address', () => {
    expect(withoutDefaults({ basis: 'headline', companies: ' ', rollup: 'false' }, declared)).toEqual({ rollup: 'false' });
  });

  it('that nothing declares are kept, for the server to refuse', () => {
    expect(withoutDefaults({ basys: 'signed' }, declared)).toEqual({ basys: 'signed' });
  });
});
