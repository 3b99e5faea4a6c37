// Schedules and their runs, as the server has them.
import { address, basis, get, put, remove, send, tagged, text, write } from './api';
import type { Trends } from './reportscurve';
import type { Key, Rec } from './types';

export interface Schedule {
  name: string;
  title: string;
  note: string;
  cron: string;
  time_zone: string;
  missed: string;
  paused: boolean;
  origin: 'file' | 'saved';
  version: number;
  at: string | null;
  next: string[];
  fault: string | null;
}

export interface Alert {
  name: string;
  title: string;
  text: string;
  key: string;
  muted: string | null;
  acknowledged: boolean;
}

export interface Delivery {
  recipient: string;
  key: string;
  state: 'pending' | 'delivered' | 'dead' | 'none';
  attempts: number;
  next: string | null;
  at: string | null;
  error: string | null;
  notice: 'failed' | 'recovered' | null;
}

export interface Run {
  id: string;
  schedule: string;
  slot: string;
  manual: boolean;
  started: string;
  ended: string | null;
  outcome: 'running' | 'done' | 'failed' | 'skipped';
  error: string | null;
  version: string;
  revision: number;
  hash: string;
  since: string | null;
  digest: string;
  finding: string;
  alerts: Alert[];
  deliveries: Delivery[];
}

export interface Acknowledged {
  key: string;
  note?: string;
  at: string;
}

export interface ScheduleList {
  schedules: Schedule[];
  keys: Key[];
}

const path = (name: string): string => `/schedules/${encodeURIComponent(name)}`;
const runPath = (id: string): string => `/runs/${encodeURIComponent(id)}`;

/** A schedule as it is written, with the tag that a write of it rests on. */
export interface ScheduleFile {
  text: string;
  /** The same by its keys; null where it cannot be read. */
  keys: Rec | null;
  tag: string;
}

const keep = (name: string, file: string, query: Record<string, string>, condition: Record<string, string>, signal?: AbortSignal): Promise<Schedule & { keys?: Rec }> =>
  put(path(name), query, 'application/yaml', file, condition, signal);

export const reportsApi = {
  schedules: (signal?: AbortSignal) => get<ScheduleList>('/schedules', {}, signal),
  /** The file of a schedule as it was written. */
  file: (name: string) => text(path(name), {}, 'application/yaml'),
  open: async (name: string): Promise<ScheduleFile> => {
    const { data, tag } = await tagged<{ text: string; keys: Rec | null }>(path(name));
    return { text: data.text, keys: data.keys, tag };
  },
  acknowledged: async (name: string, signal?: AbortSignal) => (await get<{ acknowledged: Acknowledged[] }>(path(name), {}, signal)).acknowledged,
  /** What a file would be, with its next runs; nothing is kept. */
  check: (name: string, file: string, signal?: AbortSignal) => keep(name, file, { dry_run: 'true' }, {}, signal),
  save: (name: string, file: string, base: string | null) => keep(name, file, {}, basis(base)),
  remove: (name: string, tag: string) => remove(path(name), tag),
  pause: (name: string, paused: boolean) => write<Schedule>('POST', `${path(name)}/${paused ? 'pause' : 'resume'}`, {}),
  /** Asks for a run and gives its id. */
  run: async (name: string) => (await write<{ run: string }>('POST', `${path(name)}/run`, {})).run,
  acknowledge: async (name: string, key: string, note: string) => {
    await send(`${path(name)}/acknowledge`, {}, { method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/json' }, body: JSON.stringify({ key, note }) });
  },
  runs: async (schedule: string, signal?: AbortSignal) => (await get<{ runs: Run[] }>('/runs', { schedule }, signal)).runs,
  resend: async (id: string, recipient: string) => (await write<{ deliveries: number }>('POST', `${runPath(id)}/resend`, recipient ? { recipient } : {})).deliveries,
  page: (id: string, signal?: AbortSignal) => text(`${runPath(id)}/report`, { format: 'html' }, '*/*', undefined, signal),
  reportAddress: (id: string, format: string) => address(`${runPath(id)}/report`, { format }),
  figures: (schedule: string, signal?: AbortSignal) => get<Trends>('/trends', { schedule }, signal),
};

/** Whether something of the run is still to come within moments. */
export function underWay(run: Run): boolean {
  return run.outcome === 'running' || run.deliveries.some((d) => d.state === 'pending' && d.attempts === 0);
}
