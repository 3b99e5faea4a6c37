import { api } from './api';
import { today } from './format';
import { records } from './records.svelte';
import { Resource } from './resource.svelte';
import type { AnalysisInfo, Catalogue, Graph, GraphEdge, Leg, Loop, Param, Result } from './types';
import { type EdgeRef, edgeKey, emptyState, formatState, type PageState, parseState, withoutDefaults } from './urlstate';

/** The state of the page: its address and the answers that follow from it. */
export class App {
  page = $state.raw<PageState>(emptyState());

  readonly catalogue = new Resource<Catalogue>();
  readonly graph = new Resource<Graph>();
  /** The graph without any filter: it gives every company its place on the map. */
  readonly atlas = new Resource<Graph>();
  readonly loops = new Resource<Result>();
  readonly answer = new Resource<Result>();

  lensParams = $derived<Param[]>(this.catalogue.data?.lens ?? []);
  analyses = $derived<AnalysisInfo[]>(this.catalogue.data?.analyses ?? []);
  analysis = $derived(this.analyses.find((a) => a.name === this.page.analysis) ?? null);

  names = $derived.by(() => {
    const names = new Map<string, string>();
    for (const g of [this.atlas.data, this.graph.data]) for (const n of g?.nodes ?? []) names.set(n.id, n.name);
    return names;
  });
  legs = $derived(new Map<string, Leg>((this.graph.data?.legs ?? []).map((l) => [l.id, l])));
  edges = $derived(new Map<string, GraphEdge>((this.graph.data?.edges ?? []).map((e) => [edgeKey(e), e])));

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

  asOf = $derived(this.page.lens['as_of'] ?? today());

  /** Reads the address, follows it from now on, and starts loading. Call once. */
  start(): void {
    const read = () => {
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
      if (page.analysis === null) {
        this.graph.load(lensKey, (signal) => settle(signal, () => api.graph(lens, signal)));
        const query = { ...lens, ...page.params['cycles'] };
        this.loops.load(JSON.stringify(query), (signal) => settle(signal, () => api.analysis('cycles', query, signal)));
      } else {
        const name = page.analysis;
        // The legs behind the rows, in the state that they have under the lens.
        const own = Object.fromEntries(this.lensHere.filter((p) => p.default && !lens[p.name]).map((p) => [p.name, p.default!]));
        const legs = { ...own, ...lens, classes: 'all', overlaps: 'true' };
        if (this.catalogue.data) this.graph.load(JSON.stringify(legs), (signal) => settle(signal, () => api.graph(legs, signal)));
        const query = { ...lens, ...page.params[name] };
        if (this.missing.length === 0) this.answer.load(JSON.stringify([name, query]), (signal) => settle(signal, () => api.analysis(name, query, signal)));
      }
    });
  }

  /** Parameters that the analysis of the page cannot do without and has not got. */
  get missing(): Param[] {
    const given = this.page.params[this.analysis?.name ?? ''] ?? {};
    return (this.analysis?.params ?? []).filter((p) => p.required && !given[p.name]);
  }

  #lensQuery(page: PageState): Record<string, string> {
    return Object.fromEntries(Object.entries(page.lens).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The query of the analysis shown, for links to other formats. */
  query(name: string): Record<string, string> {
    return { ...this.#lensQuery(this.page), ...this.page.params[name] };
  }

  /** Changes the state. A gesture of many small steps replaces the address instead of filling the history. */
  go(change: Partial<PageState>, step: 'push' | 'replace' = 'push'): void {
    const next = { ...this.page, ...change };
    const text = formatState(next);
    if (text === formatState(this.page)) return;
    this.page = next;
    const url = location.pathname + text;
    if (step === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
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
function settle<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => ask().then(resolve, reject), 60);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
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
