// A stand-in for the server while the page is being worked on: it reads the
// shipped CSV files and answers in the shape of the HTTP API, with a simplified
// lens (announcement and state as of a day, classes, companies, rollup,
// aggregates, min_amount; no parts). Its numbers are not the product's numbers.
//
//   node dev/fixture.mjs [port]      then: npm run dev
import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createHash } from 'node:crypto';

const here = dirname(fileURLToPath(import.meta.url));
const data = join(here, '../../graph/dataset/ai-deals');
const dist = join(here, '../../server/web/dist');
const port = Number(process.argv[2] ?? 8080);

function readCSV(name) {
  const text = readFileSync(join(data, name), 'utf8');
  const rows = [];
  let row = [], cell = '', quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; }
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') { row.push(cell); cell = ''; }
    else if (c === '\n') { row.push(cell.replace(/\r$/, '')); rows.push(row); row = []; cell = ''; }
    else cell += c;
  }
  const [head, ...body] = rows;
  return body.map((r) => Object.fromEntries(head.map((h, i) => [h, r[i] === '' ? null : r[i]])));
}

const companies = readCSV('companies.csv');
const flows = readCSV('flows.csv');
const outcomes = readCSV('outcomes.csv');
const sources = readCSV('sources.csv');
const company = new Map(companies.map((c) => [c.id, c]));
const classOf = {
  equity_investment: 'FUNDS', loan: 'FUNDS', acquisition: 'ACQUIRES', stake_sale: 'ACQUIRES', purchase_option: 'ACQUIRES',
  warrant_grant: 'GRANTS', equity_grant: 'GRANTS', backstop_guarantee: 'BACKS', supply: 'SUPPLIES', chip_usage: 'SUPPLIES', umbrella: null,
};
const firm = new Set(['signed', 'partially_disbursed', 'closed', 'in_force']);
const sets = { money: ['FUNDS', 'PAYS'], value: ['FUNDS', 'PAYS', 'ACQUIRES', 'GRANTS', 'BACKS'], all: ['FUNDS', 'PAYS', 'ACQUIRES', 'GRANTS', 'BACKS', 'SUPPLIES'] };
const enough = (d) => (d.length === 4 ? d + '-01-01' : d.length === 7 ? d + '-01' : d);
const cents = (usd) => (usd === null ? null : Math.round(Number(usd) * 100));
const dollars = (c) => (c === null ? null : (c / 100).toFixed(2));

const lensParams = [
  { name: 'as_of', type: 'date', description: 'The day whose knowledge counts; today when not given.' },
  { name: 'basis', type: 'text', default: 'headline', enum: ['headline', 'signed', 'expected', 'settled', 'realised'], description: 'Which states count: headline all but cancelled and superseded; signed firm ones; expected weighs by probability; realised only money that moved; settled realised and closed cash legs.' },
  { name: 'amount', type: 'text', default: 'point', enum: ['point', 'low', 'high'], description: 'Which end of a reported range counts.' },
  { name: 'classes', type: 'text', default: 'money', description: 'money, value, all, or a list of FUNDS, PAYS, ACQUIRES, GRANTS, BACKS, SUPPLIES.' },
  { name: 'rollup', type: 'flag', default: 'true', description: 'A subsidiary counts as its ultimate parent.' },
  { name: 'aggregates', type: 'flag', default: 'false', description: 'Keep legs that touch an aggregate of unnamed companies.' },
  { name: 'overlaps', type: 'flag', default: 'false', description: 'Keep legs that overlap others (count_in_totals=no), marked.' },
  { name: 'conditional', type: 'text', default: 'true', enum: ['true', 'false', 'only'], description: 'Legs that move contingent cash or credit support: kept, left out, or only they.' },
  { name: 'min_amount', type: 'money', default: '0', description: 'Least amount of a leg in dollars, with k, m, bn or tn; above zero, legs of unknown amount are left out.' },
  { name: 'kinds', type: 'list', refs: 'kind', description: 'Only legs of these kinds.' },
  { name: 'companies', type: 'list', refs: 'company', description: 'Only legs with both ends among these companies.' },
];
const cycleParams = [
  { name: 'min_hops', type: 'integer', default: '2', minimum: '2', maximum: '12', description: 'Least number of hops.' },
  { name: 'max_hops', type: 'integer', default: '5', minimum: '2', maximum: '12', description: 'Greatest number of hops.' },
  { name: 'through', type: 'list', refs: 'company', description: 'Only loops that pass through all of these companies.' },
  { name: 'kind', type: 'text', enum: ['contingent', 'round_trip', 'reciprocal_trade', 'cross_holding', 'other'], description: 'Only loops of this kind.' },
  { name: 'limit', type: 'integer', default: '100', minimum: '1', maximum: '100000', description: 'Greatest number of rows.' },
];
const col = (name, title, type, unit, description = title) => ({ name, title, type, unit, description });
const catalogue = [
  {
    name: 'cycles', title: 'Loops', question: 'Which loops return value to where it left?', method: 'Fixture: simple cycles found by a plain search.', order: 'bottleneck descending', engines: ['native'], params: cycleParams,
    columns: [col('id', 'Id', 'text'), col('ring', 'Ring', 'companies'), col('classes', 'Classes', 'classes'), col('hops', 'Hops', 'count'), col('kind', 'Kind', 'text'), col('hop_amounts_cents', 'Hop amounts', 'money_list', 'USD cents'), col('legs', 'Legs', 'leg_lists'), col('bottleneck_cents', 'Bottleneck', 'money', 'USD cents'), col('bottleneck_at_most_cents', 'Bottleneck at most', 'money', 'USD cents'), col('gross_cents', 'Gross', 'money', 'USD cents'), col('partial', 'Partial', 'flag'), col('retention', 'Retention', 'ratio'), col('first_date', 'First', 'date'), col('last_date', 'Last', 'date'), col('weakest_confidence', 'Weakest confidence', 'text')],
    summary: [], lens_defaults: {},
  },
  {
    name: 'roundtrips', title: 'Round trips', question: 'Who pays its own customers?', method: 'Fixture: pairs with money both ways.', order: 'rt descending', engines: ['native'], params: [],
    columns: [col('funder', 'Funder', 'company'), col('customer', 'Customer', 'company'), col('fin_cents', 'Funding', 'money', 'USD cents'), col('buy_cents', 'Purchases', 'money', 'USD cents'), col('rt_cents', 'Round trip', 'money', 'USD cents'), col('rt_ratio', 'Share of funding', 'ratio'), col('vendor_financed_share', 'Share of purchases', 'ratio'), col('unfunded_gap_cents', 'Unfunded gap', 'money', 'USD cents')],
    summary: [], lens_defaults: {},
  },
];

const root = (id, rollup) => { while (rollup && company.get(id)?.parent_id) id = company.get(id).parent_id; return id; };

function parse(query, extra) {
  const lens = { as_of: new Date().toISOString().slice(0, 10), basis: 'headline', amount: 'point', classes: 'money', rollup: true, aggregates: false, overlaps: false, conditional: 'true', min_amount: '0.00', kinds: [], companies: [] };
  const params = {}, errors = [];
  for (const [k, v] of query) {
    const decl = lensParams.find((p) => p.name === k) ?? extra.find((p) => p.name === k);
    if (!decl) { errors.push({ location: `query.${k}`, message: 'no such argument', value: v }); continue; }
    if (decl.enum && !decl.enum.includes(v)) { errors.push({ location: `query.${k}`, message: `want one of ${decl.enum.join(', ')}`, value: v }); continue; }
    if (decl.type === 'date' && !/^\d{4}(-\d\d(-\d\d)?)?$/.test(v)) { errors.push({ location: `query.${k}`, message: 'want a date such as 2025-12-16', value: v }); continue; }
    const value = decl.type === 'flag' ? v === 'true' : decl.type === 'list' ? v.split(',') : v;
    if (lensParams.includes(decl)) lens[k] = value; else params[k] = value;
  }
  return { lens, params, errors };
}

const money = (v) => { const m = /^([\d.]+)(k|m|bn|tn)?$/i.exec(v); return m ? Number(m[1]) * { undefined: 1, k: 1e3, m: 1e6, bn: 1e9, tn: 1e12 }[m[2]?.toLowerCase()] * 100 : 0; };

function legsUnder(lens) {
  const classes = new Set(sets[lens.classes] ?? lens.classes.split(','));
  const wanted = new Set(lens.companies.map((c) => root(c, lens.rollup)));
  const legs = [];
  for (const f of flows) {
    const cls = f.kind in classOf ? classOf[f.kind] : 'PAYS';
    if (!cls || !classes.has(cls)) continue;
    if (f.announced_date && enough(f.announced_date) > lens.as_of) continue;
    let status = f.initial_status ?? f.status;
    for (const o of outcomes.filter((o) => o.flow_id === f.id && o.status_after && enough(o.date) <= lens.as_of).sort((a, b) => (enough(a.date) + a.id < enough(b.date) + b.id ? -1 : 1))) status = o.status_after;
    if (status === 'cancelled' || status === 'superseded') continue;
    if (lens.basis === 'signed' && !firm.has(status)) continue;
    if (f.count_in_totals === 'no' && !lens.overlaps) continue;
    if (f.parent_flow_id && flows.find((p) => p.id === f.parent_flow_id)?.kind !== 'umbrella') continue;
    const conditional = f.moves === 'contingent_cash' || f.moves === 'credit_support';
    if ((lens.conditional === 'false' && conditional) || (lens.conditional === 'only' && !conditional)) continue;
    const payer = root(f.from, lens.rollup), payee = root(f.to, lens.rollup);
    if (payer === payee) continue;
    if (!lens.aggregates && (company.get(payer)?.kind === 'aggregate' || company.get(payee)?.kind === 'aggregate')) continue;
    if (wanted.size && (!wanted.has(payer) || !wanted.has(payee))) continue;
    if (lens.kinds.length && !lens.kinds.includes(f.kind)) continue;
    const amount = cents(f.amount_usd);
    const least = money(lens.min_amount);
    if (least > 0 && (amount === null || amount < least)) continue;
    legs.push({
      id: f.id, from: f.from, to: f.to, payer, payee, class: cls, kind: f.kind, status, amount_cents: amount, amount: dollars(amount),
      qualifier: f.amount_qualifier, announced: f.announced_date, deal_id: f.deal_id, description: f.description,
      source_ids: f.source_ids?.split(';') ?? [], confidence: f.confidence, overlaps: f.count_in_totals === 'no', conditional,
    });
  }
  return legs.sort((a, b) => ((a.announced ?? '9') + a.id < (b.announced ?? '9') + b.id ? -1 : 1));
}

function edgesOf(legs) {
  const edges = new Map();
  for (const l of legs) {
    const key = `${l.payer}|${l.payee}|${l.class}`;
    const e = edges.get(key) ?? { payer: l.payer, payee: l.payee, class: l.class, amount_cents: null, amount: null, partial: false, signed: true, conditional: false, legs: [], missing: 0 };
    if (l.amount_cents === null) e.missing++; else e.amount_cents = (e.amount_cents ?? 0) + l.amount_cents;
    e.signed &&= firm.has(l.status);
    e.conditional ||= l.conditional;
    e.legs.push(l.id);
    edges.set(key, e);
  }
  return [...edges.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, e]) => {
    e.partial = e.amount_cents !== null && e.missing > 0;
    e.amount = dollars(e.amount_cents);
    delete e.missing;
    return e;
  });
}

function graph(lens) {
  const legs = legsUnder(lens), edges = edgesOf(legs), nodes = new Map();
  const node = (id) => {
    if (!nodes.has(id)) nodes.set(id, { id, name: company.get(id)?.name ?? id, kind: company.get(id)?.kind ?? 'company', aggregate: company.get(id)?.kind === 'aggregate', in_cents: null, out_cents: null });
    return nodes.get(id);
  };
  for (const e of edges) {
    const u = node(e.payer), v = node(e.payee);
    if (e.amount_cents === null) continue;
    u.out_cents = (u.out_cents ?? 0) + e.amount_cents;
    v.in_cents = (v.in_cents ?? 0) + e.amount_cents;
  }
  const list = [...nodes.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const n of list) { n.in = dollars(n.in_cents); n.out = dollars(n.out_cents); }
  return { lens, graph: { revision: 1, hash: 'fixture' }, n_unknown: edges.filter((e) => e.amount_cents === null).length, n_partial: edges.filter((e) => e.partial).length, warnings: [], nodes: list, edges, legs };
}

function cycles(lens, params) {
  const { edges, legs } = graph(lens), out = new Map();
  for (const e of edges) out.set(e.payer, [...(out.get(e.payer) ?? []), e]);
  const max = Number(params.max_hops ?? 5), rows = [];
  const walk = (start, at, path) => {
    for (const e of out.get(at) ?? []) {
      if (e.payee === start && path.length >= 1) { found([...path, e]); continue; }
      if (e.payee <= start || path.length + 1 >= max || path.some((p) => p.payer === e.payee)) continue;
      walk(start, e.payee, [...path, e]);
    }
  };
  const found = (path) => {
    const classes = path.map((e) => e.class), ring = path.map((e) => e.payer), amounts = path.map((e) => e.amount_cents);
    if (params.through && !params.through.every((t) => ring.includes(t))) return;
    const whole = amounts.every((a) => a !== null), fin = classes.includes('FUNDS'), buy = classes.includes('PAYS');
    const kind = classes.includes('BACKS') ? 'contingent' : fin && buy ? 'round_trip' : buy ? 'reciprocal_trade' : fin ? 'cross_holding' : 'other';
    if (params.kind && kind !== params.kind) return;
    const ids = path.flatMap((e) => e.legs), mine = legs.filter((l) => ids.includes(l.id));
    const dates = mine.map((l) => l.announced).filter(Boolean).sort();
    const bottleneck = whole ? Math.min(...amounts) : null;
    const known = path.filter((e) => e.amount_cents !== null && !e.partial).map((e) => e.amount_cents);
    const top = whole ? Math.max(...path.filter((e) => !fin || e.class === 'FUNDS').map((e) => e.amount_cents)) : null;
    rows.push({
      id: 'c_' + createHash('sha256').update(path.map((e) => `${e.payer}|${e.class}`).join('|')).digest('hex').slice(0, 16),
      ring, classes, hops: ring.length, kind, hop_amounts_cents: amounts, legs: path.map((e) => e.legs), bottleneck_cents: bottleneck, bottleneck: dollars(bottleneck),
      bottleneck_at_most_cents: known.length ? Math.min(...known) : null, gross_cents: whole ? amounts.reduce((a, b) => a + b, 0) : null,
      partial: path.some((e) => e.partial), retention: top ? Math.round((bottleneck / top) * 1e6) / 1e6 : null, first_date: dates[0] ?? null, last_date: dates.at(-1) ?? null,
      weakest_confidence: 'medium',
    });
  };
  for (const start of [...out.keys()].sort()) walk(start, start, []);
  rows.sort((a, b) => (b.bottleneck_cents ?? -1) - (a.bottleneck_cents ?? -1) || a.hops - b.hops || (a.id < b.id ? -1 : 1));
  const by = (key) => rows.reduce((m, r) => ({ ...m, [r[key]]: (m[r[key]] ?? 0) + 1 }), {});
  const summary = { count: rows.length, known_bottleneck: rows.filter((r) => r.bottleneck_cents !== null).length, by_hops: by('hops'), by_kind: by('kind') };
  return { rows: rows.slice(0, Number(params.limit ?? 100)), summary, finding: `Fixture: ${rows.length} loops of up to ${max} hops as of ${lens.as_of}.` };
}

function roundtrips(lens) {
  const { edges } = graph(lens), rows = [];
  for (const f of edges.filter((e) => e.class === 'FUNDS')) {
    const b = edges.find((e) => e.class === 'PAYS' && e.payer === f.payee && e.payee === f.payer);
    if (!b) continue;
    const known = f.amount_cents !== null && b.amount_cents !== null, rt = known ? Math.min(f.amount_cents, b.amount_cents) : null;
    rows.push({ funder: f.payer, customer: f.payee, fin_cents: f.amount_cents, buy_cents: b.amount_cents, rt_cents: rt, rt_ratio: known ? rt / f.amount_cents : null, vendor_financed_share: known ? Math.round((rt / b.amount_cents) * 1e6) / 1e6 : null, unfunded_gap_cents: known ? Math.max(0, b.amount_cents - f.amount_cents) : null, evidence: [...f.legs, ...b.legs] });
  }
  rows.sort((a, b) => (b.rt_cents ?? -1) - (a.rt_cents ?? -1));
  return { rows, summary: { pairs: rows.length }, finding: `Fixture: ${rows.length} pairs pay each other both ways.` };
}

function answer(path, query) {
  if (path === '/analyses') return [200, { analyses: catalogue, lens: lensParams, request: [] }];
  if (path === '/scenarios') return [200, { scenarios: [], head: [], selector: [], steps: [] }];
  let m;
  if ((m = /^\/analyses\/([\w-]+)$/.exec(path))) {
    const a = catalogue.find((c) => c.name === m[1]);
    if (!a) return [404, { type: 'about:blank', title: 'Not Found', status: 404, detail: `unknown analysis ${m[1]}` }];
    const q = [...query].filter(([k]) => k !== 'engine' && k !== 'format');
    const { lens, params, errors } = parse(q, a.params);
    if (errors.length) return [422, { type: 'about:blank', title: 'Unprocessable Entity', status: 422, detail: 'The request has bad arguments.', errors }];
    const found = a.name === 'cycles' ? cycles(lens, params) : roundtrips(lens);
    const ids = [...new Set(found.rows.flatMap((r) => r.evidence ?? r.legs.flat()))].sort();
    return [200, {
      analysis: a.name, title: a.title, question: a.question, engine: 'native', lens, params, columns: a.columns, ...found, truncated: { is: false }, warnings: [],
      evidence: { flow_ids: ids, source_ids: [...new Set(ids.flatMap((id) => flows.find((f) => f.id === id).source_ids?.split(';') ?? []))].sort() },
      cypher: { text: 'MATCH (a:Company)-[:FUNDS]->(b:Company)-[:PAYS]->(a)\nRETURN a.id, b.id', params: {} }, graph: { revision: 1, hash: 'fixture' }, elapsed_ms: 1, method: a.method,
    }];
  }
  if (path === '/graph') {
    const { lens, errors } = parse(query, []);
    if (errors.length) return [422, { type: 'about:blank', title: 'Unprocessable Entity', status: 422, detail: 'The request has bad arguments.', errors }];
    return [200, graph(lens)];
  }
  for (const [name, list] of [['companies', companies], ['flows', flows], ['sources', sources]]) {
    if (path === `/${name}`) return [200, { items: list.slice(0, Number(query.get('limit') ?? 100)), next: null, total: list.length, revision: 1 }];
    if (path.startsWith(`/${name}/`)) {
      const record = list.find((r) => r.id === decodeURIComponent(path.slice(name.length + 2)));
      if (record) return [200, { ...record, ...(name === 'flows' ? { amount_cents: cents(record.amount_usd), amount: dollars(cents(record.amount_usd)), source_ids: record.source_ids?.split(';') ?? [], chips: record.chips?.split(';') ?? [], count_in_totals: record.count_in_totals !== 'no' } : { aliases: record.aliases?.split(';') ?? [] }) }];
    }
  }
  return [404, { type: 'about:blank', title: 'Not Found', status: 404, detail: `nothing at ${path}` }];
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
createServer((req, res) => {
  const url = new URL(req.url, 'http://x');
  if (url.pathname.startsWith('/api/v1/')) {
    const [status, body] = answer(url.pathname.slice(7), url.searchParams);
    res.writeHead(status, { 'content-type': status === 200 ? 'application/json' : 'application/problem+json' }).end(JSON.stringify(body));
    return;
  }
  let file = normalize(join(dist, url.pathname));
  if (!file.startsWith(dist) || !extname(file) || !existsSync(file)) file = join(dist, 'index.html');
  res.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file));
}).listen(port, '127.0.0.1', () => console.log(`fixture on http://127.0.0.1:${port}`));
