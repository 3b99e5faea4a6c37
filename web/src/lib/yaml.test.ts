import { expect, test } from 'vitest';
import type { Key } from './types';
import { toYAML } from './yaml';

const key = (name: string, more: Partial<Key> = {}): Key => ({ name, type: 'text', description: '', ...more });
const keys = [key('name'), key('cron'), key('asks', { type: 'records', keys: [key('analysis'), key('lens', { type: 'arguments' })] }), key('formats', { type: 'list' }), key('tolerance', { type: 'record', keys: [key('percent')] })];

test('keys stand in the order of the declaration, and what is empty is left out', () => {
  const doc = { formats: ['html', 'json'], tolerance: { percent: '' }, asks: [{ lens: { basis: 'signed' }, analysis: 'cycles' }, {}], cron: '0 6 * * 1-5', name: 'daily', note: ' ', more: 'kept' };
  expect(toYAML(doc, keys)).toBe('name: daily\ncron: 0 6 * * 1-5\nasks:\n  - analysis: cycles\n    lens:\n      basis: signed\n  - {}\nformats: [html, json]\nmore: kept\n');
});

test('what YAML would read otherwise stands in quotes', () => {
  const cases: Record<string, string> = {
    '*/5 * * * *': '"*/5 * * * *"', 'a: b': '"a: b"', 'a #b': '"a #b"', 'https://x.example/a': 'https://x.example/a', yes: '"yes"', '12': '12', 'two\nlines': '"two\\nlines"', '- a': '"- a"', 'ends:': '"ends:"', "it's": "it's",
  };
  for (const [text, want] of Object.entries(cases)) expect(toYAML({ name: text }, keys)).toBe(`name: ${want}\n`);
  expect(toYAML({ formats: ['a,b', 'c'] }, keys)).toBe('formats: ["a,b", c]\n');
  expect(toYAML({ name: true }, keys)).toBe('name: true\n');
  expect(toYAML({ steps: [{ scale: {} }, { add: { id: 's_1' } }], mute: {} }, keys)).toBe('steps:\n  - scale: {}\n  - add:\n      id: s_1\n');
  expect(toYAML({}, keys)).toBe('{}\n');
});
