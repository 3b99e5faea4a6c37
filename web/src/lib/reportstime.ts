// When a schedule runs, in words, and what is being written of it.
import type { Rec } from './types';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const short = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** A cron expression in words; the expression itself where that would take too many. */
export function cronWords(cron: string): string {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5) return cron;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  if (month !== '*' || (day !== '*' && weekday !== '*')) return cron;
  const days = daysOf(day, weekday);
  if (days === null) return cron;
  const step = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (hour === '*' && (minute === '*' || step)) return `every ${step && step !== '1' ? `${Number(step)} minutes` : 'minute'}${days}`;
  if (!/^\d+$/.test(minute)) return cron;
  if (hour === '*') return `every hour at ${minute.padStart(2, '0')} minutes past${days}`;
  if (!/^\d+(,\d+)*$/.test(hour)) return cron;
  const times = hour.split(',').map((h) => `${h.padStart(2, '0')}:${minute.padStart(2, '0')}`);
  return `${days === '' ? 'every day' : days.replace(/^, /, '')} at ${listed(times)}`;
}

function daysOf(day: string, weekday: string): string | null {
  if (day === '*' && weekday === '*') return '';
  if (weekday === '*') return /^\d+(,\d+)*$/.test(day) ? `, on day ${listed(day.split(','))} of the month` : null;
  const number = (text: string): number => (/^\d$/.test(text) ? Number(text) : short.indexOf(text.toLowerCase()));
  const range = /^(\w+)-(\w+)$/.exec(weekday);
  if (range) {
    const [a, b] = [weekdays[number(range[1]!)], weekdays[number(range[2]!)]];
    return a && b ? `, ${a} to ${b}` : null;
  }
  const names = weekday.split(',').map((w) => weekdays[number(w)]);
  return names.includes(undefined) ? null : `, every ${listed(names as string[])}`;
}

function listed(list: string[]): string {
  return list.length < 2 ? (list[0] ?? '') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)!}`;
}

/** A moment as the clocks of a zone show it: "Tue 24 Nov 2026, 06:00 EST". */
export function momentText(at: string, zone: string, seconds = false): string {
  const options: Intl.DateTimeFormatOptions = {
    ...(seconds ? { second: '2-digit' } : {}), weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone: zone, timeZoneName: 'short' };
  try {
    return parts(at, options);
  } catch {
    return parts(at, { ...options, timeZone: 'UTC' }); // the browser does not know the zone
  }
}

function parts(at: string, options: Intl.DateTimeFormatOptions): string {
  const read = (locale: string): Record<string, string> => Object.fromEntries(new Intl.DateTimeFormat(locale, { ...options, hourCycle: 'h23' }).formatToParts(new Date(at)).map((x) => [x.type, x.value]));
  let p = read('en-US');
  if (p['timeZoneName']?.startsWith('GMT')) p = { ...p, timeZoneName: read('en-GB')['timeZoneName']! }; // each knows the zones of its own side
  return `${p['weekday']} ${p['day']} ${p['month']} ${p['year']}, ${p['hour']}:${p['minute']}${p['second'] ? `:${p['second']}` : ''} ${p['timeZoneName']}`;
}

/** How long something took: 850 ms, 2.4 s, 3 min. */
export function tookText(from: string, to: string): string {
  const ms = Date.parse(to) - Date.parse(from);
  if (ms < 1000) return `${ms} ms`;
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** The place that a fault names: "line 4, column 42: ..." is 4 and 42. */
export function placeIn(message: string): { line: number; column: number } | null {
  const m = /^line (\d+), column (\d+): /.exec(message);
  return m ? { line: Number(m[1]), column: Number(m[2]) } : null;
}

/** What a new schedule begins with: a document in JSON, which the form writes. */
export function firstDoc(zone: string): string {
  return docText({ cron: '0 6 * * 1-5', time_zone: zone, formats: ['html'] });
}

/** The document that a text holds in JSON; null for the text of a file. */
export function docIn(text: string): Rec | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Rec) : null;
  } catch {
    return null;
  }
}

export function docText(doc: Rec): string {
  return JSON.stringify(doc);
}

/** Whether a file has comments, as far as its text tells. */
export function commented(text: string): boolean {
  return /^\s*#|\s#\s/m.test(text);
}
