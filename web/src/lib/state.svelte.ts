import { overlay, type Overlay } from '../graph/overlay';
import { api, type CompareRequest } from './api';
import { parseDraft, sent } from './draft';
import { today } from './format';
import { elsewhere } from './links';
import { options } from './options.svelte';
import { records } from './records.svelte';
import { Resource } from './resource.svelte';
import type { AnalysisInfo, Catalogue, Comparison, Draft, Effect, Graph, GraphEdge, Leg, Loop, Param, Result, ScenarioInfo, ScenarioList } from './types';
import { type EdgeRef, edgeKey, emptyState, formatState, type PageState, parseState, type View, withoutDefaults } from './urlstate';

/** The state of the page: its address and the answers that follow from it. */
export class App {
  page = $state.raw<PageState>(emptyState());

  readonly catalogue = new Resource<Catalogue>();
  /** The graph under the lens; under a scenario with the graph as it is, to tell what differs. */
  readonly graph = new Resource<Graph & { before?: Graph }>();
  /** The graph without any filter: it gives every company its place on the map. */
  readonly atlas = new Resource<Graph>();
  readonly loops = new Resource<Result>();
  readonly answer = new Resource<Result>();
  readonly scenarios = new Resource<ScenarioList>();
  /** The saved or shipped scenario of the page, with its steps. */
  readonly chosen = new Resource<{ info: ScenarioInfo; scenario: Draft; tag: string }>();
  /** What the draft would change. */
  readonly trial = new Resource<{ effect: Effect }>();
  readonly comparison = new Resource<Comparison>();

  /** Whether the page is that of a record, of questions or of reports, which no analysis and no scenario belong to. */
  aside = $derived(['questions', 'company', 'chip', 'deal', 'reports'].includes(this.page.view ?? ''));
  view = $derived<'map' | 'analyses' | View>(this.page.view ?? (this.page.analysis === null ? 'map' : 'analyses'));
  lensParams = $derived<Param[]>(this.catalogue.data?.lens ?? []);
  analyses = $derived<AnalysisInfo[]>(this.catalogue.data?.analyses ?? []);
  /** The name of the analysis shown; before and after begin with the one about promises. */
  analysisName = $derived(this.aside ? null : (this.page.analysis ?? (this.view === 'scenarios' ? 'coverage' : null)));
  analysis = $derived(this.analyses.find((a) => a.name === this.analysisName) ?? null);
  draft = $derived(this.view === 'scenarios' ? parseDraft(this.page.draft) : null);
  /** The scenario that the request names, as it is listed. */
  scenario = $derived(this.scenarios.data?.scenarios.find((s) => s.name === this.page.request['scenario']) ?? null);

  names = $derived.by(() => {
    const names = new Map<string, string>();
    for (const [id, name] of options.names()) names.set(id, name);
    for (const c of this.draft?.companies ?? []) names.set(String(c['id']), String(c['name'] ?? c['id']));
    for (const g of [this.atlas.data, this.graph.data]) for (const n of g?.nodes ?? []) names.set(n.id, n.name);
    return names;
  });
  /** What the map draws: the graph, or under a scenario what that changes in it. */
  overlay = $derived.by<Overlay | null>(() => {
    const after = this.graph.data;
    return this.view === 'map' && after?.before ? overlay(after.before, after) : null;
  });
  drawn = $derived(this.overlay?.graph ?? this.graph.data);
  legs = $derived(new Map<string, Leg>((this.drawn?.legs ?? []).map((l) => [l.id, l])));
  edges = $derived(new Map<string, GraphEdge>((this.drawn?.edges ?? []).map((e) => [edgeKey(e), e])));

  loopRows = $derived((this.loops.data?.rows ?? []) as unknown as Loop[]);
  loop = $derived(this.loopRows.find((l) => l.id === this.page.loop) ?? null);
  loopIndex = $derived(this.loopRows.findIndex((l) => l.id === this.page.loop));
  /** The edges of the selected loop, by key, with the number of the hop from 1. */
  loopEdges = $derived.by(() => {
    const hops = new Map<string, number>();
    this.loop?.ring.forEach((payer, i, ring) => {
      hops.set(edgeKey({ payer, payee: ring[(i + 1) % ring.length]!, class: this.loop!.classes[i]! }), i + 1);
    });
    return hops;
  });

  name(id: string): string {
    return this.names.get(id) ?? id;
  }

  /** The lens fields with the defaults that hold here: an analysis may declare its own. */
  lensHere = $derived.by(() => {
    const own = this.analysis?.lens_defaults ?? {};
    return this.lensParams.map((p) => {
      const text = argumentText(own[p.name]);
      return text === '' || sameAmount(text, p.default) ? p : { ...p, default: text };
    });
  });

  /** The value of a lens field: what the address says, else what is declared. */
  lensValue(p: Param): string {
    return this.page.lens[p.name] ?? p.default ?? '';
  }

  /** The day that holds where the lens names none: a scenario may begin on one. */
  startDay = $derived(this.aside ? today() : ((this.draft ? this.draft.as_of : this.scenario?.as_of) || today()));
  asOf = $derived(this.page.lens['as_of'] ?? this.startDay);

  /** What the scenario of the answer at hand adds and changes. */
  effect = $derived<Effect | null>(
    (this.view === 'map' ? this.overlay && this.graph.data?.scenario?.effect : this.view === 'scenarios' ? this.comparison.data?.scenario.scenario?.effect : this.view === 'analyses' ? this.answer.data?.scenario?.effect : null) ?? null,
  );
  /** The legs that the scenario adds, as far as a card shows them. */
  added = $derived(new Map<string, Leg>((this.effect?.added ?? []).map((c) => [c.id, legOf(c)])));
  touched = $derived(new Set((this.effect?.changed ?? []).map((c) => c.id)));
  removed = $derived(new Set((this.effect?.removed ?? []).map((c) => c.id)));

  /** Whether the analysis has numbers that draws can spread. */
  canDraw = $derived((this.analysis?.summary ?? []).some((c) => ['money', 'ratio', 'count', 'number'].includes(c.type)));

  /** Reads the address, follows it from now on, and starts loading. Call once. */
  start(): void {
    const read = () => {
      this.#address = null;
      this.page = parseState(location.search);
    };
    read();
    addEventListener('popstate', read);
    this.catalogue.load('catalogue', (signal) => api.catalogue(signal));

    $effect(() => {
      const g = this.graph.data?.graph;
      if (g) records.at(g.revision);
    });

    $effect(() => {
      const page = this.page;
      const lens = this.#lensQuery(page);
      const lensKey = JSON.stringify(lens);
      const rollup: Record<string, string> = lens['rollup'] ? { rollup: lens['rollup'] } : {};
      this.atlas.load(JSON.stringify(rollup), (signal) => api.graph({ ...rollup, classes: 'all', aggregates: 'true', overlaps: 'true' }, signal));
      const under = page.request['scenario'] ?? '';
      if (this.view === 'analyses' || this.view === 'scenarios' || (this.view === 'map' && under)) this.scenarios.load('scenarios', (signal) => api.scenarios(signal));
      if (this.view === 'map') {
        // A scenario may begin on a day of its own, which the list tells.
        if (under && this.scenarios.data === null && this.scenarios.problem === null) return;
        const given: Record<string, string> = under ? { ...lens, as_of: this.asOf, scenario: under } : lens;
        const version = written(this.scenario);
        this.graph.load(under ? JSON.stringify([given, version]) : lensKey, (signal) =>
          settle(signal, async () => {
            if (!under) return api.graph(given, signal);
            const { scenario: _, ...without } = given;
            const [after, before] = await Promise.all([api.graph(given, signal), api.graph(without, signal)]);
            return { ...after, before };
          }),
        );
        const query = { ...given, ...page.params['cycles'] };
        this.loops.load(JSON.stringify([query, version]), (signal) => settle(signal, () => api.analysis('cycles', query, signal)));
        return;
      }
      // The legs behind the rows, in the state that they have under the lens.
      const own = Object.fromEntries(this.lensHere.filter((p) => p.default && !lens[p.name]).map((p) => [p.name, p.default!]));
      const legs = { ...own, ...lens, as_of: this.asOf, classes: 'all', overlaps: 'true' };
      const ready = this.catalogue.data !== null && (this.aside || !page.request['scenario'] || this.scenarios.data !== null || this.scenarios.problem !== null);
      if (ready) this.graph.load(JSON.stringify(legs), (signal) => settle(signal, () => api.graph(legs, signal)));
      if (this.view === 'scenarios') this.#loadScenario();
      else if (this.view === 'analyses' && ready && page.analysis !== null && this.missing.length === 0) {
        const name = page.analysis, query = this.query(name);
        const version = written(this.scenario);
        this.answer.load(JSON.stringify([name, query, version]), (signal) => settle(signal, () => api.analysis(name, query, signal)));
      }
    });
  }

  /** Reads the scenarios, for a list to choose from. */
  wantScenarios(): void {
    this.scenarios.load('scenarios', (signal) => api.scenarios(signal));
  }

  /** Parameters that the analysis of the page cannot do without and has not got. */
  get missing(): Param[] {
    const given = this.page.params[this.analysisName ?? ''] ?? {};
    return (this.analysis?.params ?? []).filter((p) => p.required && !given[p.name]);
  }

  /** Loads the scenario of the page, or tries the draft, and compares with it. */
  #loadScenario(): void {
    const name = this.page.request['scenario'];
    const listed = this.scenario;
    const draft = this.draft;
    if (name && listed && !draft) this.chosen.load(JSON.stringify([name, written(listed)]), (signal) => api.scenario(name, signal));
    if (draft && draft.steps.length > 0) {
      const body = sent(draft);
      const at = body.name || 'draft';
      this.trial.load(JSON.stringify(body), (signal) => settle(signal, () => api.tryScenario(at, { ...body, name: at }, signal), 250));
    }
    const request = this.compareRequest;
    if (request && this.missing.length === 0 && this.catalogue.data) {
      this.comparison.load(JSON.stringify([request, written(listed)]), (signal) => settle(signal, () => api.compare(request, signal), draft ? 400 : 60));
    }
  }

  /** Whether the trial at hand is of the draft as it stands. */
  get tried(): boolean {
    return this.draft !== null && this.draft.steps.length > 0 && this.trial.of === JSON.stringify(sent(this.draft));
  }

  /** What before and after are asked with; null without a scenario. */
  get compareRequest(): CompareRequest | null {
    const { lens, params, request } = this.page;
    const draft = this.draft;
    const scenario = draft ? (this.tried && this.trial.problem === null ? { ...sent(draft), name: sent(draft).name || 'draft' } : null) : (this.scenario?.name ?? null);
    if (!scenario || !this.analysisName) return null;
    const own = Object.fromEntries(Object.entries(params[this.analysisName] ?? {}).filter(([k]) => k !== 'engine'));
    const body: CompareRequest = { analysis: this.analysisName, lens, params: own, scenario };
    if (this.canDraw && request['draws']) {
      body.draws = request['draws'];
      if (request['seed']) body.seed = request['seed'];
    }
    return body;
  }

  /** Asks anew for the scenarios, after one was written. */
  rereadScenarios(): void {
    this.scenarios.forget();
    this.scenarios.load('scenarios', (signal) => api.scenarios(signal));
  }

  setRequest(name: string, value: string): void {
    const declared = (this.catalogue.data?.request ?? []).map((p) => ({ name: p.name, ...(p.default ? { default: p.default } : {}) }));
    this.go({ request: withoutDefaults({ ...this.page.request, [name]: value }, declared) });
  }

  /** base is the tag of the saved scenario that the draft was made from; left out it stays. */
  setDraft(draft: Draft | null, step: 'push' | 'replace' = 'replace', base: string | null = draft && this.page.base): void {
    this.go({ draft: draft && JSON.stringify(draft), base }, step);
  }

  #lensQuery(page: PageState): Record<string, string> {
    return Object.fromEntries(Object.entries(page.lens).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The query of the analysis shown, for links to other formats. */
  query(name: string): Record<string, string> {
    const { draws, seed, ...rest } = this.page.request;
    const drawn: Record<string, string> = this.canDraw && draws ? { draws, ...(seed ? { seed } : {}) } : {};
    return { ...this.#lensQuery(this.page), ...this.page.params[name], ...rest, ...drawn };
  }

  /** Changes the state. A gesture of many small steps replaces the address instead of filling the history. */
  go(change: Partial<PageState>, step: 'push' | 'replace' = 'push'): void {
    const next = { ...this.page, ...change };
    const text = formatState(next);
    if (text === formatState(this.page)) return;
    this.page = next;
    const url = location.pathname + text;
    if (step === 'push') {
      this.#writeAddress();
      history.pushState(null, '', url);
      return;
    }
    // Browsers refuse to have the address written with every key.
    this.#address = url;
    this.#writing ??= setTimeout(() => this.#writeAddress(), 150);
  }

  #address: string | null = null;
  #writing: ReturnType<typeof setTimeout> | null = null;

  #writeAddress(): void {
    if (this.#writing !== null) clearTimeout(this.#writing);
    this.#writing = null;
    if (this.#address !== null) history.replaceState(null, '', this.#address);
    this.#address = null;
  }

  /** The address of a change, for links that may be opened elsewhere. */
  href(change: Partial<PageState>): string {
    return location.pathname + formatState({ ...this.page, ...change });
  }

  /** Follows a link that stands for a change; false where the browser is to open it elsewhere. */
  follow(e: MouseEvent, change: Partial<PageState>): boolean {
    if (elsewhere(e)) return false;
    e.preventDefault();
    this.go(change);
    return true;
  }

  /** The lens that the reader set, as a query. */
  get lens(): Record<string, string> {
    return this.#lensQuery(this.page);
  }

  setLens(name: string, value: string, step: 'push' | 'replace' = 'push'): void {
    this.go({ lens: withoutDefaults({ ...this.page.lens, [name]: value }, this.lensHere) }, step);
  }

  setParams(analysis: AnalysisInfo, values: Record<string, string>): void {
    const params = { ...this.page.params, [analysis.name]: withoutDefaults(values, analysis.params) };
    if (Object.keys(params[analysis.name]!).length === 0) delete params[analysis.name];
    this.go({ params });
  }

  selectEdge(edge: EdgeRef | null): void {
    this.go({ edge: edge && { payer: edge.payer, payee: edge.payee, class: edge.class }, company: null });
  }

  selectCompany(company: string | null): void {
    this.go({ company, edge: null });
  }

  selectLoop(id: string | null, step: 'push' | 'replace' = 'push'): void {
    this.go({ loop: id, edge: null, company: null }, step);
  }

  /** Goes n loops on or back; from none selected to the first or last. */
  stepLoop(n: 1 | -1): void {
    const rows = this.loopRows;
    if (rows.length === 0) return;
    const at = this.loopIndex < 0 ? (n > 0 ? 0 : rows.length - 1) : (this.loopIndex + n + rows.length) % rows.length;
    this.selectLoop(rows[at]!.id, this.page.loop === null ? 'push' : 'replace');
  }
}

/** Waits a moment before asking, so that a dragged slider asks for its resting places only. */
function settle<T>(signal: AbortSignal, ask: () => Promise<T>, wait = 60): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => ask().then(resolve, reject), wait);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

/** Tells one writing of a scenario from another of the same name. */
function written(s: ScenarioInfo | null): string {
  return s ? `${s.version} ${s.at ?? ''}` : '';
}

/** A leg that a scenario adds, from the texts of its fields. */
function legOf(c: Effect['added'][number]): Leg {
  const field = (name: string): string | null => c.fields.find((f) => !f.outcome && f.field === name)?.after || null;
  const dollars = field('amount_usd');
  return {
    id: c.id, from: c.from, to: c.to, payer: c.from, payee: c.to, class: '', kind: c.kind, status: field('status') ?? '',
    amount_cents: dollars === null ? null : Math.round(Number(dollars) * 100), qualifier: field('amount_qualifier'), announced: field('announced_date'),
    deal_id: field('deal_id'), description: field('description'), source_ids: field('source_ids')?.split(';') ?? [], confidence: field('confidence'),
    overlaps: field('count_in_totals') === 'no',
  };
}

/** A JSON value as a query key holds it. */
function argumentText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

function sameAmount(a: string, b: string | undefined): boolean {
  return a === b || (/^[\d.]+$/.test(a) && Number(a) === Number(b));
}

export const app = new App();
