// The shapes of the HTTP API, as this page reads them. Money is integer cents;
// null means unknown and is never zero.

export interface Param {
  name: string;
  type: 'integer' | 'number' | 'flag' | 'text' | 'list' | 'money' | 'date' | 'duration';
  default?: string;
  minimum?: string;
  maximum?: string;
  enum?: string[];
  required?: boolean;
  refs?: string;
  description: string;
}

export interface Column {
  name: string;
  title: string;
  type: string;
  unit?: string;
  description: string;
  /** Marks the columns that tell a row from the others. */
  key?: boolean;
  /** Shown when a row is opened, not in the table. */
  detail?: boolean;
}

export interface AnalysisInfo {
  name: string;
  title: string;
  question: string;
  method: string;
  order: string;
  engines: string[];
  params: Param[];
  columns: Column[];
  summary: Column[];
  lens_defaults: Record<string, unknown>;
}

export interface Catalogue {
  analyses: AnalysisInfo[];
  lens: Param[];
  /** What every request takes beside the lens and the parameters. */
  request: Param[];
}

export interface Warning {
  code: string;
  message: string;
  count?: number;
}

export interface GraphNode {
  id: string;
  name: string;
  kind: string;
  aggregate: boolean;
  in_cents: number | null;
  out_cents: number | null;
}

export interface GraphEdge {
  payer: string;
  payee: string;
  class: string;
  amount_cents: number | null;
  partial: boolean;
  signed: boolean;
  conditional: boolean;
  legs: string[];
}

export interface Leg {
  id: string;
  from: string;
  to: string;
  payer: string;
  payee: string;
  class: string;
  kind: string;
  status: string;
  amount_cents: number | null;
  qualifier: string | null;
  announced: string | null;
  deal_id: string | null;
  description: string | null;
  source_ids: string[] | null;
  confidence: string | null;
  overlaps: boolean;
}

export interface Graph {
  lens: Record<string, unknown>;
  graph: { revision: number; hash: string };
  scenario?: { name: string; title: string; note: string; effect: Effect };
  n_unknown: number;
  n_partial: number;
  warnings: Warning[] | null;
  truncated?: { is: boolean; reason?: string };
  nodes: GraphNode[];
  edges: GraphEdge[];
  legs: Leg[];
}

export type Row = Record<string, unknown>;

export interface Result {
  analysis: string;
  title: string;
  question: string;
  engine: string;
  lens: Record<string, unknown>;
  params: Record<string, unknown>;
  columns: Column[];
  rows: Row[];
  summary: Record<string, unknown>;
  truncated: { is: boolean; reason?: string };
  warnings: Warning[] | null;
  evidence: { flow_ids: string[]; source_ids: string[] };
  cypher: { text: string; params: Record<string, unknown>; literal: string; draw: string; browser_url: string | null; draw_url: string | null } | null;
  graph: { revision: number; hash: string };
  scenario?: { name: string; title: string; note: string; effect: Effect };
  uncertainty?: Uncertainty;
  elapsed_ms?: number;
  finding: string;
  method: string;
}

export interface Uncertainty {
  draws: number;
  seed: number;
  fields: Spread[];
}

/**
 * One figure of a summary over all draws; known counts the draws in which it has
 * a value. Money is dollars as a decimal text.
 */
export interface Spread {
  name: string;
  title: string;
  unit: string;
  known: number;
  mean: number | string | null;
  p5: number | string | null;
  p50: number | string | null;
  p95: number | string | null;
}

/** What a scenario changed in the graph; the fields of a change are texts as in CSV. */
export interface Effect {
  steps: { step: number; kind: string; legs: number }[];
  added: Change[];
  removed: Change[];
  changed: Change[];
  companies?: string[];
  deals?: string[];
}

export interface Change {
  id: string;
  from: string;
  to: string;
  kind: string;
  step: number;
  fields: { outcome?: string; field: string; before: string; after: string }[];
}

/** A key of a scenario, as the server declares it. */
export interface Key {
  name: string;
  alias?: string;
  type: 'id' | 'text' | 'date' | 'money' | 'number' | 'integer' | 'flag' | 'list' | 'record' | 'records' | 'steps' | 'arguments';
  required?: boolean;
  default?: string;
  minimum?: string;
  maximum?: string;
  enum?: string[];
  refs?: string;
  description: string;
  keys?: Key[];
  /** The values of the key `kind` beside it that it is for; left out for all. */
  for?: string[];
}

export interface StepKind {
  name: string;
  description: string;
  /** Whether it chooses legs, by the keys of the selector. */
  selects: boolean;
  keys: Key[];
}

export interface ScenarioInfo {
  name: string;
  title: string;
  question: string;
  note: string;
  as_of: string | null;
  origin: 'shipped' | 'saved';
  version: number;
  at: string | null;
}

export interface ScenarioList {
  scenarios: ScenarioInfo[];
  head: Key[];
  selector: Key[];
  steps: StepKind[];
}

/** A scenario as it is written: each step is an object of one member, its kind. */
export interface Draft {
  name?: string;
  title?: string;
  question?: string;
  note?: string;
  as_of?: string;
  companies?: Rec[];
  steps: Record<string, Rec>[];
}

export interface FigureMove {
  path: string;
  title: string;
  type: string;
  unit: string;
  before: unknown;
  after: unknown;
  change: unknown;
}

export interface Comparison {
  base: Result;
  scenario: Result;
  delta: Omit<Result, 'summary'> & {
    summary: { new: number; gone: number; changed: number; same: number; figures: FigureMove[] };
  };
}

export interface Loop {
  id: string;
  ring: string[];
  classes: string[];
  hops: number;
  kind: string;
  hop_amounts_cents: (number | null)[];
  legs: string[][];
  bottleneck_cents: number | null;
  bottleneck_at_most_cents: number | null;
  gross_cents: number | null;
  partial: boolean;
  retention: number | null;
  first_date: string | null;
  last_date: string | null;
  weakest_confidence: string | null;
}

export interface Source {
  id: string;
  publisher: string | null;
  tier: string | null;
  url: string | null;
  date: string | null;
  title: string | null;
}

export type Rec = Record<string, unknown>;

export interface Fault {
  location?: string;
  message: string;
  value?: unknown;
  code?: string;
}

export interface ProblemDocument {
  type?: string;
  title: string;
  status: number;
  detail?: string;
  errors?: Fault[];
}
