import Graph from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';

export interface Point {
  x: number;
  y: number;
}

export interface LayoutNode {
  id: string;
}

export interface LayoutEdge {
  payer: string;
  payee: string;
  amount_cents: number | null;
}

/** The map is drawn into this box; one unit is a pixel at zoom 1 on a screen of that size. */
export const world = { width: 1200, height: 800 };

const iterations = 900;

/**
 * Places every company. The same companies and edges give the same places: each
 * starts at a point made from its id, the number of steps is fixed and nothing
 * is random. Companies that pay each other much stand near each other.
 */
export function place(nodes: LayoutNode[], edges: LayoutEdge[]): Map<string, Point> {
  const graph = new Graph({ type: 'undirected' });
  for (const { id } of [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    graph.addNode(id, { x: 1000 * unit(id, 1), y: 1000 * unit(id, 2) });
  }
  const pairs = new Map<string, { u: string; v: string; cents: number }>();
  for (const e of edges) {
    if (e.payer === e.payee || !graph.hasNode(e.payer) || !graph.hasNode(e.payee)) continue;
    const [u, v] = e.payer < e.payee ? [e.payer, e.payee] : [e.payee, e.payer];
    const pair = pairs.get(`${u}~${v}`) ?? { u, v, cents: 0 };
    pair.cents += e.amount_cents ?? 0;
    pairs.set(`${u}~${v}`, pair);
  }
  const most = Math.max(1, ...[...pairs.values()].map((p) => p.cents));
  for (const [, { u, v, cents }] of [...pairs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    graph.addEdge(u, v, { weight: 1 + 3 * Math.sqrt(cents / most) });
  }
  forceAtlas2.assign(graph, {
    iterations,
    settings: {
      gravity: 1,
      scalingRatio: 12,
      strongGravityMode: false,
      edgeWeightInfluence: 0.4,
      barnesHutOptimize: false,
      slowDown: 4,
    },
  });
  const points = new Map<string, Point>();
  graph.forEachNode((id, at) => points.set(id, { x: at['x'] as number, y: at['y'] as number }));
  fill(points);
  spread(points, graph);
  return points;
}

/** A place for a company that the map does not know: near those it deals with. */
export function placeStranger(id: string, neighbours: Point[]): Point {
  const near = neighbours.length > 0 ? neighbours : [{ x: world.width / 2, y: world.height / 2 }];
  return {
    x: near.reduce((sum, p) => sum + p.x, 0) / near.length + 120 * (unit(id, 1) - 0.5),
    y: near.reduce((sum, p) => sum + p.y, 0) / near.length + 120 * (unit(id, 2) - 0.5),
  };
}

/** A number in [0, 1) from an id: FNV-1a with a final mix. */
export function unit(id: string, salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/**
 * Stretches the cloud over the box. Half of the way is taken by rank, so that a
 * dense middle gets more room than it would by distance alone.
 */
function fill(points: Map<string, Point>): void {
  for (const [axis, size] of [['x', world.width], ['y', world.height]] as const) {
    const order = [...points].sort(([a, p], [b, q]) => p[axis] - q[axis] || (a < b ? -1 : 1));
    const low = order[0]?.[1][axis] ?? 0;
    const span = (order.at(-1)?.[1][axis] ?? 0) - low || 1;
    order.forEach(([, p], i) => {
      const rank = order.length > 1 ? i / (order.length - 1) : 0.5;
      p[axis] = size * (0.5 * ((p[axis] - low) / span) + 0.5 * rank);
    });
  }
}

/** Pushes apart what stands too close; firms with many partners get more room. */
function spread(points: Map<string, Point>, graph: Graph): void {
  const list = [...points];
  const room = new Map(list.map(([id]) => [id, 22 + 5 * Math.sqrt(graph.degree(id))]));
  for (let round = 0; round < 120; round++) {
    let moved = false;
    for (let i = 0; i < list.length; i++) {
      for (let j = i + 1; j < list.length; j++) {
        const [a, p] = list[i]!, [b, q] = list[j]!;
        const dx = q.x - p.x || 0.01, dy = q.y - p.y || 0.01;
        const distance = Math.sqrt(dx * dx + dy * dy), least = room.get(a)! + room.get(b)!;
        if (distance >= least) continue;
        const push = (least - distance) / 2 / distance;
        p.x -= dx * push;
        p.y -= dy * push;
        q.x += dx * push;
        q.y += dy * push;
        moved = true;
      }
    }
    for (const [, p] of list) {
      p.x = Math.min(world.width, Math.max(0, p.x));
      p.y = Math.min(world.height, Math.max(0, p.y));
    }
    if (!moved) break;
  }
}
