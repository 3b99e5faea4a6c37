// The records that a form offers to choose from, read once when a form needs them.
import { SvelteMap } from 'svelte/reactivity';
import { api } from './api';
import { legMoney, words } from './format';
import type { Rec } from './types';

export interface Option {
  id: string;
  name: string;
  /** What tells it from others of the same name. */
  about: string;
  /** Where a search looks, in lower case. */
  text: string;
}

const paths: Record<string, string> = { company: 'companies', flow: 'flows', deal: 'deals', chip: 'chips', source: 'sources' };
const most = 5; // pages of a thousand; more nobody chooses from by hand

const lists = new SvelteMap<string, Rec[]>();
const asked = new Set<string>();

function want(ref: string): void {
  const path = paths[ref];
  if (!path || asked.has(ref)) return;
  asked.add(ref);
  void (async () => {
    const all: Rec[] = [];
    let after: string | null = null;
    for (let n = 0; n < most; n++) {
      const page: { items: Rec[]; next: string | null } = await api.page(path, after);
      all.push(...page.items);
      after = page.next;
      if (!after) break;
    }
    lists.set(ref, all);
  })().catch(() => {
    asked.delete(ref);
  });
}

const text = (r: Rec, key: string): string => (typeof r[key] === 'string' ? (r[key] as string) : '');

const names = $derived(new Map((lists.get('company') ?? []).map((c) => [text(c, 'id'), text(c, 'name')])));
const flows = $derived(new Map((lists.get('flow') ?? []).map((f) => [text(f, 'id'), f])));

function option(ref: string, r: Rec): Option {
  const id = text(r, 'id');
  let name = text(r, 'name') || text(r, 'title') || id;
  let about = name === id ? '' : id;
  let more = '';
  if (ref === 'flow') {
    const ends = `${names.get(text(r, 'from')) ?? text(r, 'from')} → ${names.get(text(r, 'to')) ?? text(r, 'to')}`;
    const cents = typeof r['amount_cents'] === 'number' ? r['amount_cents'] : null;
    name = `${ends}, ${legMoney(cents, text(r, 'amount_qualifier'))}`;
    about = [words(text(r, 'kind')), words(text(r, 'status')), text(r, 'announced_date'), id].filter(Boolean).join(' · ');
    more = `${text(r, 'from')} ${text(r, 'to')} ${text(r, 'kind')} ${text(r, 'description')}`;
  } else if (ref === 'company') {
    more = Array.isArray(r['aliases']) ? r['aliases'].join(' ') : '';
  }
  return { id, name, about, text: `${id} ${name} ${about} ${more}`.toLowerCase() };
}

export const options = {
  want,
  /** The records of a kind as options, in their order; [] while they are on their way. */
  of: (ref: string): Option[] => (lists.get(ref) ?? []).map((r) => option(ref, r)),
  names: (): Map<string, string> => names,
  flow: (id: string): Rec | undefined => flows.get(id),
  forget(): void {
    asked.clear();
  },
};

/** The options that hold every word of the search; those whose id or name begins with it come first. */
export function found(list: Option[], search: string, limit: number): Option[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const whole = search.trim().toLowerCase();
  const rank = (o: Option): number => (o.id.toLowerCase() === whole ? 0 : o.id.toLowerCase().startsWith(whole) || o.name.toLowerCase().startsWith(whole) ? 1 : 2);
  return list
    .filter((o) => words.every((w) => o.text.includes(w)))
    .map((o, i) => ({ o, i, rank: rank(o) }))
    .sort((a, b) => a.rank - b.rank || a.i - b.i)
    .slice(0, limit)
    .map((x) => x.o);
}
