// Shows the OpenAPI document of this server and tries its operations. It asks
// nothing but this server.
const methods = ['get', 'put', 'post', 'delete'];
const main = document.getElementById('main');
const list = document.getElementById('list');
const find = document.getElementById('find');
let doc;
let operations = [];

function element(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) e.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) e.setAttribute(name, value === true ? '' : value);
  }
  e.append(...children.filter((c) => c !== undefined && c !== ''));
  return e;
}

// follow is the schema that a reference names.
function follow(schema) {
  if (!schema || !schema.$ref) return schema;
  return schema.$ref.slice(2).split('/').reduce((at, key) => at[key], doc);
}

// typeText is a schema in a few words.
function typeText(schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.anyOf) return schema.anyOf.map(typeText).join(' or ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type || 'any'];
  return types.map((t) => (t === 'array' ? `list of ${typeText(schema.items)}` : t)).join(' or ');
}

function limits(schema) {
  const parts = [];
  if (schema.enum) parts.push(`one of ${schema.enum.join(', ')}`);
  if (schema.minimum !== undefined) parts.push(`at least ${schema.minimum}`);
  if (schema.maximum !== undefined) parts.push(`at most ${schema.maximum}`);
  if (schema.default !== undefined) parts.push(`default ${schema.default}`);
  return parts.join('; ');
}

function table(headings, rows) {
  return element('table', {},
    element('thead', {}, element('tr', {}, ...headings.map((h) => element('th', { scope: 'col' }, h)))),
    element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells.map((c) => element('td', {}, c))))));
}

// members shows an object schema, and those that it refers to once each below.
function members(schema, seen = new Set()) {
  const at = follow(schema);
  const box = element('div');
  if (!at) return box;
  if (at.type === 'array') return members(at.items, seen);
  if (!at.properties) return box;
  const required = new Set(at.required || []);
  box.append(table(['name', 'type', 'meaning'], Object.entries(at.properties).map(([name, p]) => [
    element('code', {}, name),
    typeText(p) + (required.has(name) ? '' : ', may be absent'),
    [(p.description || ''), limits(p)].filter(Boolean).join(' '),
  ])));
  for (const p of Object.values(at.properties)) {
    const inner = p.$ref ? p : p.items && p.items.$ref ? p.items : undefined;
    if (!inner || seen.has(inner.$ref)) continue;
    seen.add(inner.$ref);
    box.append(element('details', {}, element('summary', {}, inner.$ref.split('/').pop()), members(inner, seen)));
  }
  return box;
}

function field(parameter) {
  const s = follow(parameter.schema) || {};
  const attributes = { name: parameter.name, 'data-in': parameter.in, 'aria-label': parameter.name };
  if (s.enum || s.type === 'boolean') {
    const values = s.enum || ['true', 'false'];
    return element('select', attributes, element('option', { value: '' }, ''), ...values.map((v) => element('option', { value: v }, String(v))));
  }
  return element('input', { ...attributes, placeholder: s.examples ? s.examples[0] : undefined, required: parameter.required });
}

function tryIt({ method, path, op }) {
  const out = element('pre', { hidden: true, 'aria-live': 'polite' });
  const body = op.requestBody && op.requestBody.content['application/json']
    ? element('textarea', { 'aria-label': 'body', spellcheck: 'false' }, '{}') : undefined;
  const parameters = (op.parameters || []).filter((p) => p.in !== 'header');
  const form = element('form', {
    async onsubmit(event) {
      event.preventDefault();
      let url = path;
      const query = new URLSearchParams();
      for (const input of form.querySelectorAll('[data-in]')) {
        if (input.dataset.in === 'path') url = url.replace(`{${input.name}}`, encodeURIComponent(input.value));
        else if (input.value !== '') query.set(input.name, input.value);
      }
      if (query.size) url += `?${query}`;
      out.hidden = false;
      out.textContent = `${method.toUpperCase()} ${url}\n`;
      try {
        const request = { method: method.toUpperCase() };
        if (body) Object.assign(request, { body: body.value, headers: { 'Content-Type': 'application/json' } });
        const response = await fetch(url, request);
        const type = response.headers.get('Content-Type') || '';
        let text = await response.text();
        if (type.includes('json') && !type.includes('ndjson')) text = JSON.stringify(JSON.parse(text), null, 2);
        if (text.length > 200000) text = `${text.slice(0, 200000)}\n(cut here)`;
        out.textContent += `${response.status} ${type}\n\n${text}`;
      } catch (error) {
        out.textContent += String(error);
      }
    },
  });
  if (parameters.length) {
    form.append(table(['name', 'value', 'meaning'], parameters.map((p) => [
      element('code', {}, p.name), field(p),
      [p.description || '', limits(follow(p.schema) || {})].filter(Boolean).join(' '),
    ])));
  }
  if (body) form.append(element('p', {}, 'Body'), body);
  form.append(element('p', {}, element('button', {}, 'Send')), out);
  return form;
}

function show(operation) {
  const { method, path, op } = operation;
  const parts = [
    element('h2', {}, op.summary || op.operationId),
    element('p', {}, element('span', { class: 'method' }, method.toUpperCase()), ' ', element('span', { class: 'path' }, path)),
    element('p', { class: 'text' }, op.description || ''),
  ];
  const media = op.requestBody ? Object.entries(op.requestBody.content) : [];
  for (const [type, m] of media) parts.push(element('h3', {}, `Body: ${type}`), members(m.schema));
  const tryable = method === 'get' || (op.requestBody && op.requestBody.content['application/json'] && method === 'post');
  if (tryable) parts.push(element('h3', {}, 'Try it'), tryIt(operation));
  else if (op.parameters) {
    parts.push(element('h3', {}, 'Parameters'), table(['name', 'in', 'type', 'meaning'], op.parameters.map((p) => [
      element('code', {}, p.name), p.in, typeText(p.schema), p.description || ''])));
  }
  for (const [status, response] of Object.entries(op.responses || {})) {
    parts.push(element('h3', {}, `Answer ${status === 'default' ? 'otherwise' : status}`), element('p', {}, response.description || ''));
    for (const [type, m] of Object.entries(response.content || {})) {
      parts.push(element('p', {}, element('code', {}, type), m.schema && m.schema.$ref ? ` ${typeText(m.schema)}` : ''), members(m.schema));
    }
  }
  main.replaceChildren(...parts);
}

function render() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const current = operations.find((o) => o.op.operationId === wanted) || operations[0];
  const text = find.value.toLowerCase();
  const groups = new Map();
  for (const o of operations) {
    if (!`${o.method} ${o.path} ${o.op.summary}`.toLowerCase().includes(text)) continue;
    const tag = (o.op.tags || ['other'])[0];
    groups.set(tag, [...(groups.get(tag) || []), o]);
  }
  list.replaceChildren(...[...groups].flatMap(([tag, all]) => [
    element('h2', {}, tag),
    ...all.map((o) => element('a', { href: `#${o.op.operationId}`, 'aria-current': o === current ? 'page' : undefined },
      element('span', { class: 'method' }, o.method.toUpperCase()), ' ', o.path)),
  ]));
  show(current);
}

async function start() {
  doc = await (await fetch('/openapi.json')).json();
  document.getElementById('title').textContent = `${doc.info.title} ${doc.info.version}`;
  const order = new Map((doc.tags || []).map((t, i) => [t.name, i]));
  operations = Object.entries(doc.paths).flatMap(([path, item]) =>
    methods.filter((m) => item[m]).map((method) => ({ method, path, op: item[method] })));
  operations.sort((a, b) => order.get(a.op.tags[0]) - order.get(b.op.tags[0]) || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  find.addEventListener('input', render);
  window.addEventListener('hashchange', () => { render(); main.focus(); });
  render();
}

start().catch((error) => { main.textContent = `The document could not be read: ${error}`; });
