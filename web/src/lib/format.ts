// Numbers and names as a reader sees them.

const suffixes: [string, bigint][] = [
  ['tn', 100_000_000_000_000n],
  ['bn', 100_000_000_000n],
  ['m', 100_000_000n],
  ['k', 100_000n],
];

/** Cents as people write them in a note: $38.0bn, $250.0m, $1.2tn, unknown. Rounds half up, as the server does. */
export function money(cents: number | null | undefined): string {
  if (cents === null || cents === undefined) return 'unknown';
  const sign = cents < 0 ? '−' : '';
  const c = BigInt(Math.abs(Math.round(cents)));
  for (const [name, size] of suffixes) {
    const tenths = (c + size / 20n) / (size / 10n);
    if (tenths >= 10n) return `${sign}$${group(tenths / 10n)}.${tenths % 10n}${name}`;
  }
  return `${sign}$${c / 100n}.${String(c % 100n).padStart(2, '0')}`;
}

function group(n: bigint): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** An edge of which some legs have no amount is worth at least the known part. */
export function edgeMoney(cents: number | null, partial: boolean): string {
  return partial && cents !== null ? `≥ ${money(cents)}` : money(cents);
}

/** A ratio as a share with one place: 0.263158 is 26.3 %. */
export function percent(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return 'unknown';
  // Ratios carry six places; work on whole millionths so that 0.2635 does not
  // become 26.3 by way of a binary fraction.
  const millionths = Math.round(Math.abs(ratio) * 1e6);
  const tenths = Math.floor((millionths + 500) / 1000);
  const sign = ratio < 0 && tenths > 0 ? '−' : '';
  return `${sign}${group(BigInt(Math.floor(tenths / 10)))}.${tenths % 10} %`;
}

/** A plain number with at most `places` decimals and thin grouping. */
export function number(value: number, places = 3): string {
  const [whole = '0', zeros = ''] = Math.abs(value).toFixed(places).split('.');
  const frac = zeros.replace(/0+$/, '');
  return (value < 0 ? '−' : '') + whole.replace(/\B(?=(\d{3})+$)/g, ',') + (frac ? `.${frac}` : '');
}

const spoken: Record<string, string> = { ai: 'AI', spv: 'SPV', dc: 'data centre', gw: 'GW' };

/** compute_commitment reads "compute commitment", ai_lab "AI lab". */
export function words(id: string | null | undefined): string {
  return (id ?? '').split('_').map((w) => spoken[w] ?? w).join(' ');
}

/** With a capital at its start. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${number(n, 0)} ${n === 1 ? one : many}`;
}

const qualifiers: Record<string, string> = {
  approx: 'about ',
  up_to: 'up to ',
  at_least: 'at least ',
  derived: 'derived ',
  analyst_estimate: 'estimated ',
};

/** The amount of a leg with what was said about it: "up to $10.0bn". */
export function legMoney(cents: number | null, qualifier: string | null): string {
  if (cents === null) return 'amount unknown';
  return (qualifiers[qualifier ?? ''] ?? '') + money(cents);
}

const days = 86_400_000;

/** Today as the server counts it: the UTC date. */
export function today(now: Date = new Date()): string {
  return now.toISOString().slice(0, 10);
}

/** Days since 1970 of a date of any precision; a month or year stands for its last day where `last`, else its first. */
export function dayNumber(date: string, last = false): number | null {
  const m = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/.exec(date);
  if (!m) return null;
  const year = Number(m[1]);
  if (m[3]) {
    const n = Date.UTC(year, Number(m[2]) - 1, Number(m[3]));
    return new Date(n).toISOString().slice(0, 10) === date ? n / days : null;
  }
  if (m[2]) {
    const month = Number(m[2]);
    if (month < 1 || month > 12) return null;
    return last ? Date.UTC(year, month, 0) / days : Date.UTC(year, month - 1, 1) / days;
  }
  return last ? Date.UTC(year, 11, 31) / days : Date.UTC(year, 0, 1) / days;
}

export function dayText(day: number): string {
  return new Date(day * days).toISOString().slice(0, 10);
}

/** Only web pages are linked to. */
export function webAddress(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const u = new URL(url);
    return u.protocol === 'https:' || u.protocol === 'http:' ? u.href : null;
  } catch {
    return null;
  }
}
