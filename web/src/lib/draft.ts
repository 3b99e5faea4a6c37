// A scenario while it is written, and the places that its faults belong to.
import { plural } from './format';
import type { Draft, Effect, Fault, Key, Rec } from './types';

export function emptyDraft(asOf: string): Draft {
  return { name: '', title: '', question: '', as_of: asOf, steps: [] };
}

/** The draft that a text holds; null where it holds none. */
export function parseDraft(text: string | null): Draft | null {
  if (!text) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (!isRecord(value)) return null;
    const steps = Array.isArray(value['steps']) ? value['steps'].filter((s): s is Record<string, Rec> => isRecord(s) && Object.values(s).every(isRecord)) : [];
    return { ...value, steps } as Draft;
  } catch {
    return null;
  }
}

export function formatDraft(draft: Draft): string {
  return JSON.stringify(draft);
}

/** The draft as it is sent: without values that are empty. */
export function sent(draft: Draft): Draft {
  return { ...(stripped(draft) as Draft), steps: draft.steps.map((s) => Object.fromEntries(Object.entries(s).map(([kind, body]) => [kind, stripped(body) as Rec]))) };
}

function stripped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isRecord(value)) return typeof value === 'string' ? value.trim() : value;
  return Object.fromEntries(Object.entries(value).filter(([, v]) => !isEmpty(v)).map(([k, v]) => [k, stripped(v)]));
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '') || (Array.isArray(value) && value.length === 0);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a scenario changes, in a few words: 1 leg added, 3 removed. */
export function effectText(effect: Effect): string {
  const parts = [
    [effect.added.length, 'added'],
    [effect.removed.length, 'removed'],
    [effect.changed.length, 'changed'],
  ].filter(([n]) => n !== 0);
  if (parts.length === 0) return 'no leg differs';
  return parts.map(([n, what], i) => (i === 0 ? `${plural(Number(n), 'leg')} ${what}` : `${n} ${what}`)).join(', ');
}

/** The name that the text of a scenario file gives, "" where it gives none. */
export function nameIn(file: string): string {
  return /^\s*\{/.test(file) ? (parseDraft(file)?.name ?? '') : (/^name:\s*["']?([^\s"'#]+)/m.exec(file)?.[1] ?? '');
}

/** The kind of a step, "" where it has none. */
export function kindOf(step: Record<string, Rec>): string {
  return Object.keys(step)[0] ?? '';
}

/** An id that no leg of the draft has: s_1, s_2 ... */
export function freshId(draft: Draft): string {
  const taken = new Set(draft.steps.map((s) => s['add']?.['id']));
  for (let n = 1; ; n++) if (!taken.has(`s_${n}`)) return `s_${n}`;
}

export interface PlacedFault {
  /** The place in the draft, such as steps[0].scale.factor. */
  place: string;
  message: string;
  code: string;
}

/**
 * The faults of a draft by their place. The server counts lines and columns of
 * the text that it was sent, which nobody sees, so they are left out.
 */
export function placedFaults(faults: Fault[]): PlacedFault[] {
  return faults.map((f) => ({
    place: (f.location ?? '').replace(/^body\.?/, '').replace(/^scenario\.?(?=steps|companies|$)/, ''),
    message: f.message.replace(/^line \d+, column \d+: /, ''),
    code: f.code ?? '',
  }));
}

/** The faults of one field: its own, and those of the items of its list. */
export function faultsAt(faults: PlacedFault[], place: string, key?: Key): PlacedFault[] {
  const places = [place, ...(key?.alias ? [place.slice(0, place.length - key.name.length) + key.alias] : [])];
  return faults.filter((f) => places.some((p) => f.place === p || f.place.startsWith(p + '[')));
}

/** The faults at or below a place that none of the fields there shows. */
export function faultsBeside(faults: PlacedFault[], place: string, fields: string[]): PlacedFault[] {
  return faults.filter(
    (f) => (f.place === place || f.place.startsWith(place + '.') || f.place.startsWith(place + '[')) && !fields.some((x) => f.place === x || f.place.startsWith(x + '[') || f.place.startsWith(x + '.')),
  );
}
