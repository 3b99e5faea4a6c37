import { describe, expect, it } from 'vitest';
import { placeOf, requestOf, shown, slug } from './questions';
import type { AnalysisInfo, Param } from './types';
import { emptyState, formatState, parseState } from './urlstate';

const param = (name: string, type: Param['type']): Param => ({ name, type, description: '' });
const lens = [param('as_of', 'date'), param('companies', 'list'), param('rollup', 'flag'), param('min_amount', 'money')];
const cycles: AnalysisInfo = {
  name: 'cycles', title: '', question: '', method: '', order: '', engines: ['native', 'cypher'], columns: [], summary: [], lens_defaults: {},
  params: [param('limit', 'integer'), param('through', 'list'), param('kind', 'text')],
};

describe('a question', () => {
  it('has an address that asks it', () => {
    const r = { analysis: 'cycles', lens: { as_of: '2025-12-16', companies: ['amazon', 'openai'] }, params: { limit: 8 }, engine: 'cypher' };
    expect(formatState(placeOf(r))).toBe('?as_of=2025-12-16&companies=amazon,openai&analysis=cycles&cycles.engine=cypher&cycles.limit=8');
    expect(formatState(placeOf({ analysis: 'vendors', compare: true, scenario: 'x', draws: 100 }))).toBe('?view=scenarios&draws=100&scenario=x&analysis=vendors');
  });

  it('that was asked is saved as it was asked', () => {
    for (const r of [
      { analysis: 'cycles', lens: { as_of: '2025-12-16', companies: ['amazon', 'openai'], rollup: false, min_amount: '1bn' }, params: { limit: 8, through: ['openai'], kind: 'vendor' }, engine: 'cypher' },
      { analysis: 'cycles', lens: { as_of: '2026-01-01' }, compare: true, scenario: 'x', draws: 100, seed: 7 },
      { analysis: 'cycles', lens: { as_of: '2026-01-01' }, revision: 3 },
    ]) {
      expect(requestOf(parseState(formatState(placeOf(r))), cycles, lens)).toEqual(r);
    }
    expect(requestOf({ ...emptyState(), analysis: 'cycles' }, cycles, lens)).toEqual({ analysis: 'cycles' });
  });

  it('keeps what is not of its type, for the server to refuse', () => {
    const r = requestOf({ ...emptyState(), params: { cycles: { limit: 'many' } }, lens: { rollup: 'perhaps' } }, cycles, lens);
    expect(r.params).toEqual({ limit: 'many' });
    expect(r.lens!['rollup']).toBe('perhaps');
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
