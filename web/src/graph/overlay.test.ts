import { expect, test } from 'vitest';
import type { Graph, GraphEdge } from '../lib/types';
import { overlay } from './overlay';

const edge = (payer: string, payee: string, amount_cents: number | null, legs: string[]): GraphEdge => ({ payer, payee, class: 'PAYS', amount_cents, partial: false, signed: true, conditional: false, legs });
const graph = (edges: GraphEdge[]): Graph => ({
  lens: {}, graph: { revision: 1, hash: '' }, n_unknown: 0, n_partial: 0, warnings: null, edges, legs: [],
  nodes: [...new Set(edges.flatMap((e) => [e.payer, e.payee]))].map((id) => ({ id, name: id, kind: 'lab', aggregate: false, in_cents: 0, out_cents: 0 })),
});

test('edges are marked as added, removed, larger, smaller or otherwise changed', () => {
  const before = graph([edge('a', 'b', 10, ['f1']), edge('b', 'c', 10, ['f2']), edge('c', 'd', 10, ['f3']), edge('d', 'e', 10, ['f4']), edge('e', 'f', null, ['f5']), edge('f', 'a', 7, ['f6'])]);
  const after = graph([edge('a', 'b', 5, ['f1']), edge('b', 'c', 20, ['f2', 's1']), edge('c', 'd', 10, ['s2']), edge('e', 'f', 3, ['f5']), edge('f', 'a', 7, ['f6']), edge('g', 'a', 1, ['s3'])]);
  const { graph: both, marks } = overlay(before, after);
  expect(Object.fromEntries([...marks].map(([key, m]) => [key, m.change]))).toEqual({
    'a~b~PAYS': 'less', 'b~c~PAYS': 'more', 'c~d~PAYS': 'other', 'd~e~PAYS': 'removed', 'e~f~PAYS': 'other', 'g~a~PAYS': 'added',
  });
  expect(marks.get('a~b~PAYS')?.before?.amount_cents).toBe(10);
  expect(both.edges).toHaveLength(7);
  expect(both.nodes.map((n) => n.id).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
});

test('an edge is marked when only the dates of its legs move', () => {
  const g = graph([edge('a', 'b', 10, ['f1']), edge('b', 'c', 10, ['f2'])]);
  const effect = { steps: [], added: [], removed: [], changed: [{ id: 'f2', from: 'b', to: 'c', kind: 'lease', step: 0, fields: [] }] };
  const { marks } = overlay(g, { ...g, scenario: { name: 'x', title: '', note: '', effect } });
  expect([...marks.keys()]).toEqual(['b~c~PAYS']);
});

test('a scenario that changes nothing marks nothing', () => {
  const g = graph([edge('a', 'b', 10, ['f1'])]);
  expect(overlay(g, g).marks.size).toBe(0);
});
