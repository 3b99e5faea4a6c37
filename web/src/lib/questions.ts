// Saved queries: questions under names, each a request or a statement in Cypher.

import type { Rec } from './types';
import { emptyState, type PageState } from './urlstate';

export interface Parameter {
  name: string;
  type: string;
  default?: unknown;
  description?: string;
  refs?: string;
}

/** A saved query as it is listed. */
export interface QuestionInfo {
  name: string;
  title: string;
  question: string;
  note: string;
  tags: string[];
  kind: 'analysis' | 'compare' | 'cypher';
  analysis: string | null;
  parameters: Parameter[];
  origin: 'built-in' | 'saved';
  version: number;
  at: string | null;
  broken: string | null;
}

/** What a saved query asks of the library. */
export interface Request {
  analysis: string;
  compare?: boolean;
  lens?: Rec;
  params?: Rec;
  engine?: string;
  revision?: number | string;
  scenario?: string;
  draws?: number | string;
  seed?: number | string;
}

/** A saved query as its file holds it. */
export interface Question {
  name: string;
  title?: string;
  question?: string;
  note?: string;
  tags?: string[];
  request?: Request;
  cypher?: string;
}

function texts(values: Rec): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([k, v]) => [k, Array.isArray(v) ? v.join(',') : String(v)]));
}

/** The state of the page that asks what the request asks. */
export function placeOf(r: Request): PageState {
  const { analysis, compare, lens, params, engine, ...rest } = r;
  const given = { ...texts(params ?? {}), ...(engine ? { engine } : {}) };
  return {
    ...emptyState(),
    view: compare ? 'scenarios' : null,
    analysis,
    lens: texts(lens ?? {}),
    params: Object.keys(given).length > 0 ? { [analysis]: given } : {},
    request: texts(rest),
  };
}

/** What the page asks of an analysis; the server makes numbers and lists of the texts. Without a day it is asked of the day on which it runs. */
export function requestOf(page: PageState, analysis: string): Request {
  const { engine, ...params } = page.params[analysis] ?? {};
  const { draws, seed, ...rest } = page.request;
  return {
    analysis,
    lens: page.lens,
    params,
    ...(engine ? { engine } : {}),
    ...(page.view === 'scenarios' ? { compare: true } : {}),
    ...rest,
    ...(draws ? { draws, ...(seed ? { seed } : {}) } : {}),
  };
}

/** A question as a name: its words in lower case, with hyphens between them. */
export function slug(text: string): string {
  return text.toLowerCase().normalize('NFKD').replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60).replace(/-+$/, '');
}

interface Typed {
  type?: string;
  value?: unknown;
  id?: string | null;
  labels?: string[];
  relationship_type?: string;
  start?: string;
  end?: string;
  nodes?: Typed[];
  relationships?: Typed[];
}

/** A value of an answer of Cypher in a cell of a table, in the way that Cypher writes it. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(shown).join(', ');
  if (typeof value !== 'object') return String(value);
  const v = value as Typed;
  const hop = (r: Typed): string => `[:${r.relationship_type ?? ''} ${r.id ?? ''}]`;
  switch (v.type) {
    case 'node':
      return `(:${(v.labels ?? []).join(':')} ${v.id ?? ''})`;
    case 'relationship':
      return `(${v.start ?? ''})-${hop(v)}->(${v.end ?? ''})`;
    case 'path':
      return (v.nodes ?? []).map((n, i) => {
        const r = v.relationships?.[i - 1];
        return (r ? (r.end === n.id ? `-${hop(r)}->` : `<-${hop(r)}-`) : '') + `(${n.id ?? ''})`;
      }).join('');
  }
  return v.type && 'value' in v ? shown(v.value) : JSON.stringify(value);
}
