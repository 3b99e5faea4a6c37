import { describe, expect, it } from 'vitest';
import { difference, differs, movedColumns } from './delta';
import { effectText, emptyDraft, faultsAt, faultsBeside, nameIn, parseDraft, placedFaults, sent } from './draft';
import type { Column, Draft } from './types';

const column = (name: string, type: string, more: Partial<Column> = {}): Column => ({ name, title: name, type, description: '', ...more });

describe('a comparison', () => {
  const base = [column('buyer', 'company', { key: true }), column('gap_cents', 'money'), column('coverage', 'ratio'), column('verdict', 'text'), column('legs', 'legs')];
  const delta = [
    ...['gap_before_cents', 'gap_after_cents', 'gap_delta_cents'].map((n) => column(n, 'money')),
    ...['coverage_before', 'coverage_after', 'coverage_delta'].map((n) => column(n, 'ratio', { detail: true })),
    ...['verdict_before', 'verdict_after'].map((n) => column(n, 'text')),
    ...['legs_before', 'legs_after'].map((n) => column(n, 'legs')),
  ];

  it('shows the columns that differ somewhere, with their sides', () => {
    expect(movedColumns(base, delta).map((m) => [m.before, m.after, m.delta])).toEqual([
      ['gap_before_cents', 'gap_after_cents', 'gap_delta_cents'],
      ['verdict_before', 'verdict_after', null],
    ]);
  });

  it('signs what differs, and counts shares in points', () => {
    expect(difference({ name: 'gap_cents', type: 'money' }, -2800000000000)).toBe('−$28.0bn');
    expect(difference({ name: 'coverage', type: 'ratio' }, 0.191)).toBe('+19.1 points');
    expect(difference({ name: 'coverage', type: 'ratio' }, 0)).toBe('');
    expect(difference({ name: 'coverage', type: 'ratio' }, null)).toBe('');
    expect(differs({ a: null, b: 0 }, { column: base[1]!, before: 'a', after: 'b', delta: null })).toBe(true);
  });
});

describe('a draft', () => {
  it('is sent without what is empty, and keeps its steps', () => {
    const draft: Draft = { ...emptyDraft(''), name: ' x ', steps: [{ scale: { legs: ['a'], payers: [], factor: ' 2 ' } }, { remove: {} }] };
    expect(sent(draft)).toEqual({ name: 'x', steps: [{ scale: { legs: ['a'], factor: '2' } }, { remove: {} }] });
  });

  it('tells what it changes in a few words', () => {
    const leg = { id: 'a', from: 'b', to: 'c', kind: 'loan', step: 0, fields: [] };
    expect(effectText({ steps: [], added: [leg], removed: [], changed: [leg, leg] })).toBe('1 leg added, 2 changed');
    expect(effectText({ steps: [], added: [], removed: [leg, leg], changed: [] })).toBe('2 legs removed');
    expect(effectText({ steps: [], added: [], removed: [], changed: [] })).toBe('no leg differs');
  });

  it('is read from the address, and nothing else is', () => {
    expect(parseDraft('{"name":"x","steps":[{"remove":{"legs":["a"]}},7,{"scale":1}]}')).toEqual({ name: 'x', steps: [{ remove: { legs: ['a'] } }] });
    expect(parseDraft('[1]')).toBeNull();
    expect(parseDraft('{')).toBeNull();
    expect(parseDraft(null)).toBeNull();
  });

  it('has the name that its file gives', () => {
    expect(nameIn('# late\nname: chips-late # a year\nsteps: []\n')).toBe('chips-late');
    expect(nameIn('name: "x-1"')).toBe('x-1');
    expect(nameIn('{"name":"y","steps":[]}')).toBe('y');
    expect(nameIn('title: x')).toBe('');
  });

  it('has its faults at the fields that they belong to', () => {
    const faults = placedFaults([
      { location: 'body.steps[0].scale.factor', message: 'line 1, column 57: "-3" is not allowed', code: 'value_not_allowed' },
      { location: 'body.steps[0].scale.legs[1]', message: 'there is no leg "x"' },
      { location: 'body.steps[0].scale', message: 'chooses no leg' },
      { location: 'body.steps[10].remove', message: 'chooses no leg' },
    ]);
    expect(faultsAt(faults, 'steps[0].scale.factor').map((f) => f.message)).toEqual(['"-3" is not allowed']);
    expect(faultsAt(faults, 'steps[0].scale.legs').map((f) => f.message)).toEqual(['there is no leg "x"']);
    expect(faultsBeside(faults, 'steps[0]', ['steps[0].scale.factor', 'steps[0].scale.legs']).map((f) => f.message)).toEqual(['chooses no leg']);
    expect(faultsBeside(faults, 'steps[1]', [])).toEqual([]);
  });
});
