import { describe, expect, it } from 'vitest';
import { placeOf, requestOf, shown, slug } from './questions';
import { formatState, parseState } from './urlstate';

describe('a question', () => {
  it('has an address that asks it', () => {
    const r = { analysis: 'cycles', lens: { as_of: '2025-12-16', companies: ['amazon', 'openai'] }, params: { limit: 8 }, engine: 'cypher' };
    expect(formatState(placeOf(r))).toBe('?as_of=2025-12-16&companies=amazon,openai&analysis=cycles&cycles.engine=cypher&cycles.limit=8');
    expect(formatState(placeOf({ analysis: 'vendors', compare: true, scenario: 'x', draws: 100 }))).toBe('?view=scenarios&draws=100&scenario=x&analysis=vendors');
  });

  it('that was asked is saved as it was asked', () => {
    for (const address of [
      '?as_of=2025-12-16&companies=amazon,openai&min_amount=1bn&rollup=false&analysis=cycles&cycles.engine=cypher&cycles.limit=8&cycles.through=openai',
      '?as_of=2026-01-01&view=scenarios&draws=100&scenario=x&seed=7&analysis=cycles',
      '?revision=3&analysis=cycles',
      '?analysis=cycles',
    ]) {
      expect(formatState(placeOf(requestOf(parseState(address), 'cycles')))).toBe(address);
    }
  });

  it('takes nothing along that it does not ask', () => {
    const page = parseState('?seed=7&analysis=cycles&coverage.buyer=openai&company=openai&show=table');
    expect(requestOf(page, 'cycles')).toEqual({ analysis: 'cycles', lens: {}, params: {} });
  });

  it('gives a name', () => {
    expect(slug('Who falls if OpenAI stops paying?')).toBe('who-falls-if-openai-stops-paying');
    expect(slug('…')).toBe('');
  });
});

describe('a value of Cypher', () => {
  it('is told in a cell', () => {
    expect(shown(null)).toBe('–');
    expect(shown(38)).toBe('38');
    expect(shown(['a', null])).toBe('a, –');
    expect(shown({ type: 'date', value: '2025-12-16' })).toBe('2025-12-16');
    expect(shown({ type: 'node', id: 'openai', labels: ['Company'], properties: {} })).toBe('(:Company openai)');
    expect(shown({ type: 'relationship', id: 'f_1', relationship_type: 'PAYS', start: 'a', end: 'b' })).toBe('(a)-[:PAYS f_1]->(b)');
    const rel = (id: string, start: string, end: string) => ({ type: 'relationship', id, relationship_type: 'PAYS', start, end });
    const nodes = ['a', 'b', 'c'].map((id) => ({ type: 'node', id, labels: ['Company'] }));
    expect(shown({ type: 'path', nodes, relationships: [rel('f_1', 'a', 'b'), rel('f_2', 'c', 'b')] })).toBe('(a)-[:PAYS f_1]->(b)<-[:PAYS f_2]-(c)');
    expect(shown({ a: 1 })).toBe('{"a":1}');
  });
});
