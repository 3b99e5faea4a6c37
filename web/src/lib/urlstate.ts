// The address of the page holds its whole state, so that a link shows what its
// sender saw and the back button works.
//
//   ?as_of=2025-12-16&companies=amazon,openai      the lens: only what differs from the defaults
//   &analysis=coverage&coverage.buyer=openai       the analysis shown, its parameters with its name in front
//   &loop=c_0123&edge=amazon~openai~FUNDS          what is selected
//   &company=openai&show=table
//   &scenario=amazon-closes&draws=500&seed=7       what the request asks for beside the lens
//   &view=company&company=openai                   the page of a company; so of a chip and a deal
//   &view=questions&query=biggest-loops            the questions that have names, and the one chosen
//   &view=reports&schedule=daily&run=...          the reports: curves, or a schedule and its runs
//   &view=scenarios&draft={"name":...}             the scenario view, and the scenario being written
//   &base=0123...                                  the tag of the saved file that the draft was made from

export interface EdgeRef {
  payer: string;
  payee: string;
  class: string;
}

const views = ['questions', 'scenarios', 'company', 'chip', 'deal', 'reports'] as const;

export type View = (typeof views)[number];

export interface PageState {
  lens: Record<string, string>;
  /** Parameters by analysis, then by name. */
  params: Record<string, Record<string, string>>;
  /** scenario, draws and the like, which every analysis takes. */
  request: Record<string, string>;
  /** The analysis shown on its own or before and after a scenario; null shows the map. */
  analysis: string | null;
  view: View | null;
  /** The text of the scenario being written. */
  draft: string | null;
  /** The tag of the saved scenario or schedule that what is being written was made from. */
  base: string | null;
  /** What the view of reports shows: tab, figures, schedule, run, whether its report is shown, and the text of a schedule being written. */
  reports: Record<string, string>;
  show: 'graph' | 'table';
  loop: string | null;
  edge: EdgeRef | null;
  company: string | null;
  /** The chip or deal whose page is shown. */
  chip: string | null;
  deal: string | null;
  /** The saved query that is shown among the questions. */
  query: string | null;
}

const own = new Set(['analysis', 'view', 'draft', 'base', 'show', 'loop', 'edge', 'company', 'chip', 'deal', 'query']);
const reported = new Set(['tab', 'figures', 'schedule', 'run', 'report', 'text']);
const requested = new Set(['scenario', 'draws', 'seed', 'revision']);

export function emptyState(): PageState {
  return { lens: {}, params: {}, request: {}, analysis: null, view: null, draft: null, base: null, reports: {}, show: 'graph', loop: null, edge: null, company: null, chip: null, deal: null, query: null };
}

export function parseState(search: string): PageState {
  const state = emptyState();
  for (const [key, value] of new URLSearchParams(search)) {
    const dot = key.indexOf('.');
    if (dot > 0) {
      (state.params[key.slice(0, dot)] ??= {})[key.slice(dot + 1)] = value;
    } else if (requested.has(key)) {
      state.request[key] = value;
    } else if (reported.has(key)) {
      if (value) state.reports[key] = value;
    } else if (!own.has(key)) {
      state.lens[key] = value;
    } else if (key === 'edge') {
      state.edge = parseEdge(value);
    } else if (key === 'view') {
      state.view = views.find((v) => v === value) ?? null;
    } else if (key === 'show') {
      state.show = value === 'table' ? 'table' : 'graph';
    } else {
      state[key as 'analysis' | 'draft' | 'base' | 'loop' | 'company' | 'chip' | 'deal' | 'query'] = value || null;
    }
  }
  return state;
}

/** The query of the state, with its "?", or "" for the plain page. The same state has the same text. */
export function formatState(state: PageState): string {
  const query = new URLSearchParams();
  for (const key of Object.keys(state.lens).sort()) query.set(key, state.lens[key]!);
  if (state.view) query.set('view', state.view);
  for (const key of Object.keys(state.reports).sort()) if (state.view === 'reports' && state.reports[key]) query.set(key, state.reports[key]!);
  for (const key of Object.keys(state.request).sort()) query.set(key, state.request[key]!);
  if (state.analysis) query.set('analysis', state.analysis);
  for (const analysis of Object.keys(state.params).sort()) {
    const params = state.params[analysis]!;
    for (const key of Object.keys(params).sort()) query.set(`${analysis}.${key}`, params[key]!);
  }
  if (state.loop) query.set('loop', state.loop);
  if (state.edge) query.set('edge', edgeKey(state.edge));
  if (state.company) query.set('company', state.company);
  if (state.chip && state.view === 'chip') query.set('chip', state.chip);
  if (state.deal && state.view === 'deal') query.set('deal', state.deal);
  if (state.query && state.view === 'questions') query.set('query', state.query);
  if (state.show === 'table') query.set('show', 'table');
  if (state.draft) query.set('draft', state.draft);
  if (state.base && (state.draft || state.reports['text'])) query.set('base', state.base);
  // Commas, tildes and colons are legal in a query and read better unescaped.
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%7E', '~').replaceAll('%3A', ':');
  return text ? `?${text}` : '';
}

export function edgeKey(e: EdgeRef): string {
  return `${e.payer}~${e.payee}~${e.class}`;
}

export function parseEdge(text: string): EdgeRef | null {
  const [payer, payee, cls, more] = text.split('~');
  return payer && payee && cls && more === undefined ? { payer, payee, class: cls } : null;
}

/** A copy without the entries that are empty or at their declared default. */
export function withoutDefaults(values: Record<string, string>, declared: { name: string; default?: string }[]): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text = value.trim();
    if (text !== '' && text !== declared.find((d) => d.name === name)?.default) kept[name] = text;
  }
  return kept;
}
