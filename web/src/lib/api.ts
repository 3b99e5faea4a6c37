import type { Question, QuestionInfo } from './questions';
import type { Trends } from './reportscurve';
import type { Catalogue, Comparison, Draft, Effect, Graph, ProblemDocument, Rec, Result, ScenarioInfo, ScenarioList, Source } from './types';

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

export async function send(path: string, query: Record<string, string>, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address(path, query), init);
  } catch (err) {
    if (init.signal?.aborted) throw err;
    throw new Problem({ title: 'The server does not answer', status: 0, detail: 'The request did not get through. Is `roundtrip serve` still running?' });
  }
  if (response.ok) return response;
  let document: ProblemDocument;
  try {
    document = (await response.json()) as ProblemDocument;
  } catch {
    document = { title: response.statusText || 'Error', status: response.status };
  }
  throw new Problem(document);
}

export async function get<T>(path: string, query: Record<string, string> = {}, signal?: AbortSignal): Promise<T> {
  const response = await send(path, query, { headers: { accept: 'application/json' }, signal: signal ?? null });
  return (await response.json()) as T;
}

export async function write<T>(method: 'POST' | 'PUT', path: string, query: Record<string, string>, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await send(path, query, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null });
  return (await response.json()) as T;
}

export async function text(path: string, query: Record<string, string>, accept: string, body?: unknown, signal?: AbortSignal): Promise<string> {
  const headers: Record<string, string> = { accept };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const init: RequestInit = { method: body === undefined ? 'GET' : 'POST', headers, signal: signal ?? null };
  if (body !== undefined) init.body = JSON.stringify(body);
  return (await send(path, query, init)).text();
}

/** What a write rests on: the tag of the file that was read, or null where there must be none of that name. */
export function basis(tag: string | null): Record<string, string> {
  return tag === null ? { 'if-none-match': '*' } : { 'if-match': `"${tag}"` };
}

/** Whether a write was refused because another one came before it. */
export function overtaken(problem: Problem): boolean {
  return problem.document.status === 412 || (problem.document.status === 409 && /written-since|conflict/.test(problem.document.type ?? ''));
}

/** An answer with its tag, without quotes. */
export async function tagged<T>(path: string, signal?: AbortSignal): Promise<{ data: T; tag: string }> {
  const response = await send(path, {}, { headers: { accept: 'application/json' }, signal: signal ?? null });
  return { data: (await response.json()) as T, tag: (response.headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '') };
}

/** Writes a file, if what it rests on still holds. */
export async function put<T>(path: string, query: Record<string, string>, type: string, file: string, condition: Record<string, string>, signal?: AbortSignal): Promise<T> {
  const init = { method: 'PUT', headers: { accept: 'application/json', 'content-type': type, ...condition }, body: file, signal: signal ?? null };
  return (await (await send(path, query, init)).json()) as T;
}

/** Deletes the file that has the tag. */
export async function remove(path: string, tag: string): Promise<void> {
  await send(path, {}, { method: 'DELETE', headers: { accept: 'application/json', ...basis(tag) } });
}

const scenarioPath = (name: string): string => `/scenarios/${encodeURIComponent(name)}`;

const questionPath = (name: string): string => `/saved-queries/${encodeURIComponent(name)}`;

export interface CompareRequest {
  analysis: string;
  lens: Record<string, string>;
  params: Record<string, string>;
  /** The name of a scenario, or one that is not saved. */
  scenario: string | Draft;
  draws?: string;
  seed?: string;
}

export const api = {
  catalogue: (signal?: AbortSignal) => get<Catalogue>('/analyses', {}, signal),
  graph: (lens: Record<string, string>, signal?: AbortSignal) => get<Graph>('/graph', lens, signal),
  analysis: (name: string, query: Record<string, string>, signal?: AbortSignal) =>
    get<Result>(`/analyses/${encodeURIComponent(name)}`, query, signal),
  /** A rendering of an analysis as text, such as format=html. */
  rendering: (name: string, query: Record<string, string>, signal?: AbortSignal) => text(`/analyses/${encodeURIComponent(name)}`, query, '*/*', undefined, signal),

  scenarios: (signal?: AbortSignal) => get<ScenarioList>('/scenarios', {}, signal),
  scenario: async (name: string, signal?: AbortSignal) => {
    const { data, tag } = await tagged<{ info: ScenarioInfo; scenario: Draft }>(scenarioPath(name), signal);
    return { ...data, tag };
  },
  /** The file of a scenario as it was written. */
  scenarioFile: (name: string) => text(scenarioPath(name), {}, 'application/yaml'),
  /** What a scenario would change; nothing is saved. */
  tryScenario: (name: string, draft: Draft, signal?: AbortSignal) =>
    write<{ effect: Effect }>('PUT', scenarioPath(name), { dry_run: 'true' }, draft, signal),
  /** Saves the text of a scenario file, YAML or JSON, as it is. */
  saveScenario: (name: string, file: string, base: string | null) => put<{ info: ScenarioInfo }>(scenarioPath(name), {}, 'application/yaml', file, basis(base)),
  deleteScenario: (name: string, tag: string) => remove(scenarioPath(name), tag),

  compare: (body: CompareRequest, signal?: AbortSignal) => write<Comparison>('POST', '/compare', {}, body, signal),
  comparisonFile: (body: CompareRequest, format: string) => text('/compare', { format }, '*/*', body),

  questions: (signal?: AbortSignal) => get<{ queries: QuestionInfo[] }>('/saved-queries', {}, signal),
  question: async (name: string, signal?: AbortSignal) => {
    const { data, tag } = await tagged<{ info: QuestionInfo; query: Question }>(questionPath(name), signal);
    return { ...data, tag };
  },
  /** The file of a saved query as it was written. */
  questionFile: (name: string) => text(questionPath(name), {}, 'application/yaml'),
  /** Runs a saved query: the answer of an analysis, a comparison or a statement, by its kind. */
  runQuestion: (name: string, params: Record<string, string>, signal?: AbortSignal) => get<unknown>(`${questionPath(name)}/run`, params, signal),
  /** Saves a query under a name that is free. */
  saveQuestion: (question: Question) => put<{ info: QuestionInfo }>(questionPath(question.name), {}, 'application/json', JSON.stringify(question), basis(null)),
  deleteQuestion: (name: string, tag: string) => remove(questionPath(name), tag),

  trends: (query: Record<string, string>, signal?: AbortSignal) => get<Trends>('/trends', query, signal),

  page: (kind: string, after: string | null) => get<{ items: Rec[]; next: string | null; total: number }>(`/${kind}`, { limit: '1000', ...(after ? { after } : {}) }),
  /** Records that have a value in a field, the first thousand by id. */
  where: async (kind: string, field: string, value: string, signal?: AbortSignal) => (await get<{ items: Rec[] }>(`/${kind}`, { limit: '1000', [field]: value }, signal)).items,
  record: (kind: 'companies' | 'flows' | 'chips' | 'deals', id: string, signal?: AbortSignal) => get<Rec>(`/${kind}/${encodeURIComponent(id)}`, {}, signal),
  source: (id: string) => get<Source>(`/sources/${encodeURIComponent(id)}`),
};
