import { api } from './api';
import type { Rec, Source } from './types';
import { SvelteMap } from 'svelte/reactivity';

// Records by id, asked for once. A record that could not be had is null.
const sources = new SvelteMap<string, Source | null>();
const flows = new SvelteMap<string, Rec | null>();
const companies = new SvelteMap<string, Rec | null>();
const chips = new SvelteMap<string, Rec | null>();
const deals = new SvelteMap<string, Rec | null>();
const asked = new Set<string>();

function want<T>(store: SvelteMap<string, T | null>, key: string, id: string, ask: () => Promise<T>): void {
  // The look into the store makes an effect ask again once it was emptied.
  if (store.has(id) || asked.has(key)) return;
  asked.add(key);
  ask().then(
    (record) => store.set(id, record),
    () => {
      store.set(id, null);
      asked.delete(key);
    },
  );
}

let revision: number | null = null;

export const records = {
  /** Forgets what was read of another revision of the graph. */
  at(now: number): void {
    if (now === revision) return;
    if (revision !== null) {
      for (const store of [sources, flows, companies, chips, deals]) store.clear();
      asked.clear();
    }
    revision = now;
  },

  /** undefined while it is on its way, null where it cannot be had. */
  source: (id: string) => sources.get(id),
  flow: (id: string) => flows.get(id),
  company: (id: string) => companies.get(id),
  chip: (id: string) => chips.get(id),
  deal: (id: string) => deals.get(id),

  wantSources(ids: string[]): void {
    for (const id of ids) want(sources, `s:${id}`, id, () => api.source(id));
  },
  wantFlow(id: string): void {
    want(flows, `f:${id}`, id, () => api.record('flows', id));
  },
  wantChip(id: string): void {
    want(chips, `h:${id}`, id, () => api.record('chips', id));
  },
  wantDeal(id: string): void {
    want(deals, `d:${id}`, id, () => api.record('deals', id));
  },
  wantCompany(id: string): void {
    want(companies, `c:${id}`, id, () => api.record('companies', id));
  },
};
