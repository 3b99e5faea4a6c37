import type { Catalogue, Graph, ProblemDocument, Rec, Result, Source } from './types';

const base = '/api/v1';

/** What the server refused, as its problem document says it; status 0 when no answer came. */
export class Problem extends Error {
  constructor(readonly document: ProblemDocument) {
    super(document.detail ?? document.title);
    this.name = 'Problem';
  }

  /** The sentences about one field: "as_of" finds query.as_of and body.lens.as_of. */
  about(field: string): string[] {
    return (this.document.errors ?? []).filter((e) => (e.location ?? '').split('.').at(-1) === field).map((e) => e.message);
  }
}

export function problemOf(err: unknown): Problem {
  if (err instanceof Problem) return err;
  return new Problem({ title: 'No answer', status: 0, detail: err instanceof Error ? err.message : String(err) });
}

export function address(path: string, query: Record<string, string> = {}): string {
  const text = new URLSearchParams(query).toString();
  return base + path + (text ? `?${text}` : '');
}

async function get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path, query), { headers: { accept: 'application/json' }, signal: signal ?? null });
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Problem({ title: 'The server does not answer', status: 0, detail: 'The request did not get through. Is `roundtrip serve` still running?' });
  }
  if (response.ok) return (await response.json()) as T;
  let document: ProblemDocument;
  try {
    document = (await response.json()) as ProblemDocument;
  } catch {
    document = { title: response.statusText || 'Error', status: response.status };
  }
  throw new Problem(document);
}

export const api = {
  catalogue: (signal?: AbortSignal) => get<Catalogue>('/analyses', {}, signal),
  graph: (lens: Record<string, string>, signal?: AbortSignal) => get<Graph>('/graph', lens, signal),
  analysis: (name: string, query: Record<string, string>, signal?: AbortSignal) =>
    get<Result>(`/analyses/${encodeURIComponent(name)}`, query, signal),
  record: (kind: 'companies' | 'flows', id: string, signal?: AbortSignal) => get<Rec>(`/${kind}/${encodeURIComponent(id)}`, {}, signal),
  source: (id: string) => get<Source>(`/sources/${encodeURIComponent(id)}`),
};
