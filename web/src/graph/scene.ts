import type { Graph, GraphEdge, GraphNode } from '../lib/types';
import { edgeKey } from '../lib/urlstate';
import { type Arrow, arrow, type Circle } from './geometry';
import { classes } from './classes';
import { placeStranger, type Point, world } from './layout';

/** What part of the map is shown: its centre in map units, and how much larger than the whole map. */
export interface View {
  x: number;
  y: number;
  zoom: number;
}

export interface Frame {
  width: number;
  height: number;
}

export interface SceneNode extends Circle {
  id: string;
  node: GraphNode;
}

export interface SceneEdge extends Arrow {
  key: string;
  edge: GraphEdge;
  width: number;
}

export const whole: View = { x: world.width / 2, y: world.height / 2, zoom: 1 };

/** More edges than this are not drawn, the largest are. */
export const mostEdges = 600;

const padding = { x: 56, y: 34 };
// The middle of the map lies a little low: the top holds the buttons.
const rise = 8;
const order = new Map(classes.map((c, i) => [c.name, i]));

/** The largest edges and the companies at their ends; the graph itself where it is small enough. */
export function drawable(graph: Graph): { nodes: GraphNode[]; edges: GraphEdge[]; left: number } {
  if (graph.edges.length <= mostEdges) return { nodes: graph.nodes, edges: graph.edges, left: 0 };
  const edges = [...graph.edges].sort((a, b) => (b.amount_cents ?? -1) - (a.amount_cents ?? -1)).slice(0, mostEdges);
  const ends = new Set(edges.flatMap((e) => [e.payer, e.payee]));
  return { nodes: graph.nodes.filter((n) => ends.has(n.id)), edges, left: graph.edges.length - edges.length };
}

/** Pixels per map unit, by axis: the map fills the frame whatever its shape. */
export function scale(frame: Frame, view: View): Point {
  return {
    x: (view.zoom * Math.max(50, frame.width - 2 * padding.x)) / world.width,
    y: (view.zoom * Math.max(50, frame.height - 2 * padding.y)) / world.height,
  };
}

export function toScreen(p: Point, frame: Frame, view: View): Point {
  const s = scale(frame, view);
  return { x: frame.width / 2 + (p.x - view.x) * s.x, y: frame.height / 2 + rise + (p.y - view.y) * s.y };
}

export function toMap(p: Point, frame: Frame, view: View): Point {
  const s = scale(frame, view);
  return { x: view.x + (p.x - frame.width / 2) / s.x, y: view.y + (p.y - frame.height / 2 - rise) / s.y };
}

/** How large circles and lines are drawn: smaller on a small screen, a little larger when zoomed in. */
export function weight(frame: Frame, view: View): number {
  return Math.min(1.1, Math.max(0.5, Math.sqrt(frame.width * frame.height) / 760)) * view.zoom ** 0.4;
}

/** The view that shows these points, no closer than three times. */
export function fit(points: Point[]): View {
  if (points.length === 0) return whole;
  const xs = points.map((p) => p.x), ys = points.map((p) => p.y);
  const left = Math.min(...xs), right = Math.max(...xs), top = Math.min(...ys), bottom = Math.max(...ys);
  const zoom = Math.min(3, world.width / Math.max(1, (right - left) * 1.25), world.height / Math.max(1, (bottom - top) * 1.25));
  return { x: (left + right) / 2, y: (top + bottom) / 2, zoom: Math.max(1, zoom) };
}

/** Places of all companies of the graph: those of the map, and near their partners those that it lacks. */
export function positions(nodes: GraphNode[], edges: GraphEdge[], map: Map<string, Point>): Map<string, Point> {
  const at = new Map<string, Point>();
  for (const { id } of nodes) {
    const known = map.get(id);
    if (known) {
      at.set(id, known);
      continue;
    }
    const partners = edges.filter((e) => e.payer === id || e.payee === id).map((e) => map.get(e.payer === id ? e.payee : e.payer));
    at.set(id, placeStranger(id, partners.filter((p) => p !== undefined)));
  }
  return at;
}

export function total(n: GraphNode): number {
  return (n.in_cents ?? 0) + (n.out_cents ?? 0);
}

/** Circles by id; their area grows with money in plus out. */
export function circles(nodes: GraphNode[], at: Map<string, Point>, mostCents: number, frame: Frame, view: View): Map<string, SceneNode> {
  const size = weight(frame, view);
  const scene = new Map<string, SceneNode>();
  for (const node of nodes) {
    const r = size * (4.5 + 20 * Math.sqrt(Math.min(1, total(node) / Math.max(1, mostCents))));
    scene.set(node.id, { id: node.id, node, r, ...toScreen(at.get(node.id)!, frame, view) });
  }
  return scene;
}

/** Arrows, widest first, so that thin ones lie on top. */
export function arrows(edges: GraphEdge[], scene: Map<string, SceneNode>, width: (cents: number | null) => number): SceneEdge[] {
  const lanes = new Map<string, number>();
  const list: SceneEdge[] = [];
  for (const edge of [...edges].sort((a, b) => (order.get(a.class) ?? 9) - (order.get(b.class) ?? 9))) {
    const from = scene.get(edge.payer), to = scene.get(edge.payee);
    if (!from || !to) continue;
    const pair = `${edge.payer}~${edge.payee}`;
    const lane = lanes.get(pair) ?? 0;
    lanes.set(pair, lane + 1);
    const w = width(edge.amount_cents);
    list.push({ key: edgeKey(edge), edge, width: w, ...arrow(from, to, lane, w) });
  }
  return list.sort((a, b) => b.width - a.width || (a.key < b.key ? -1 : 1));
}
