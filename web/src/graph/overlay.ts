import type { Graph, GraphEdge } from '../lib/types';
import { edgeKey } from '../lib/urlstate';

/** What a scenario does to an edge. */
export type Change = 'added' | 'removed' | 'more' | 'less' | 'other';

export interface Mark {
  change: Change;
  /** The edge without the scenario; null where it adds the edge. */
  before: GraphEdge | null;
}

export interface Overlay {
  /** Both graphs in one: the edges under the scenario, and those that it removes. */
  graph: Graph;
  /** The edges that differ, by key. */
  marks: Map<string, Mark>;
}

/** How each change is drawn and told, in the order of the legend. */
export const changes: { name: Change; sign: string; words: string }[] = [
  { name: 'added', sign: '+', words: 'added' },
  { name: 'removed', sign: '−', words: 'removed' },
  { name: 'more', sign: '↑', words: 'larger' },
  { name: 'less', sign: '↓', words: 'smaller' },
  { name: 'other', sign: '≈', words: 'other legs, dates or state' },
];

export function sign(change: Change): string {
  return changes.find((c) => c.name === change)!.sign;
}

/** What a scenario changes under one lens; before and after are the graph without and with it. */
export function overlay(before: Graph, after: Graph): Overlay {
  const was = new Map(before.edges.map((e) => [edgeKey(e), e]));
  const is = new Map(after.edges.map((e) => [edgeKey(e), e]));
  const marks = new Map<string, Mark>();
  const touched = new Set((after.scenario?.effect.changed ?? []).map((c) => c.id));
  for (const [key, e] of is) {
    const change = differs(was.get(key), e) ?? (e.legs.some((id) => touched.has(id)) ? 'other' : null);
    if (change) marks.set(key, { change, before: was.get(key) ?? null });
  }
  const gone = before.edges.filter((e) => !is.has(edgeKey(e)));
  for (const e of gone) marks.set(edgeKey(e), { change: 'removed', before: e });
  const there = new Set(after.nodes.map((n) => n.id));
  const legs = new Set(after.legs.map((l) => l.id));
  return {
    graph: {
      ...after,
      nodes: [...after.nodes, ...before.nodes.filter((n) => !there.has(n.id))],
      edges: [...after.edges, ...gone],
      legs: [...after.legs, ...before.legs.filter((l) => !legs.has(l.id))],
    },
    marks,
  };
}

function differs(before: GraphEdge | undefined, after: GraphEdge): Change | null {
  if (!before) return 'added';
  const [a, b] = [before.amount_cents, after.amount_cents];
  if (a !== null && b !== null && a !== b) return b > a ? 'more' : 'less';
  if (a !== b) return 'other'; // an amount that became known or unknown is neither more nor less
  const same = before.partial === after.partial && before.signed === after.signed && before.conditional === after.conditional && before.legs.join() === after.legs.join();
  return same ? null : 'other';
}
