import { describe, expect, it } from 'vitest';
import { dayNumber, dayText, edgeMoney, legMoney, money, number, percent, plural, webAddress, words } from './format';

describe('money', () => {
  it('is written as the server writes it in its findings', () => {
    expect(money(3_800_000_000_000)).toBe('$38.0bn');
    expect(money(1_000_000_000_000)).toBe('$10.0bn');
    expect(money(125_000_000_000_000)).toBe('$1.3tn');
    expect(money(25_000_000_000)).toBe('$250.0m');
    expect(money(150_000)).toBe('$1.5k');
    expect(money(99_949)).toBe('$1.0k');
    expect(money(12_345)).toBe('$123.45');
    expect(money(0)).toBe('$0.00');
  });

  it('goes to the next unit where rounding reaches it', () => {
    expect(money(99_995_000_000)).toBe('$1.0bn');
    expect(money(94_900_000_000)).toBe('$949.0m');
  });

  it('tells unknown from zero', () => {
    expect(money(null)).toBe('unknown');
    expect(money(undefined)).toBe('unknown');
  });

  it('groups thousands of the largest unit', () => {
    expect(money(9_000_000_000_000_000)).toBe('$90.0tn');
    expect(money(-3_800_000_000_000)).toBe('−$38.0bn');
  });

  it('says that a partly known edge is worth at least the known part', () => {
    expect(edgeMoney(1_000_000_000_000, true)).toBe('≥ $10.0bn');
    expect(edgeMoney(1_000_000_000_000, false)).toBe('$10.0bn');
    expect(edgeMoney(null, false)).toBe('unknown');
  });

  it('carries what was said about the amount of a leg', () => {
    expect(legMoney(1_000_000_000_000, 'up_to')).toBe('up to $10.0bn');
    expect(legMoney(1_000_000_000_000, 'exact')).toBe('$10.0bn');
    expect(legMoney(null, 'unreported')).toBe('amount unknown');
  });
});

describe('ratios', () => {
  it('are shares with one place, rounded half up', () => {
    expect(percent(0.263158)).toBe('26.3 %');
    expect(percent(1)).toBe('100.0 %');
    expect(percent(0.2635)).toBe('26.4 %');
    expect(percent(0.26349)).toBe('26.3 %');
    expect(percent(0)).toBe('0.0 %');
    expect(percent(12.5)).toBe('1,250.0 %');
    expect(percent(-0.05)).toBe('−5.0 %');
    expect(percent(null)).toBe('unknown');
  });
});

describe('numbers', () => {
  it('keep the zeros of whole numbers', () => {
    expect(number(100, 0)).toBe('100');
    expect(number(4145)).toBe('4,145');
    expect(number(2.412421)).toBe('2.412');
    expect(number(1.5)).toBe('1.5');
    expect(number(10)).toBe('10');
    expect(number(1_234_567)).toBe('1,234,567');
  });

  it('agree with their noun', () => {
    expect(plural(1, 'leg')).toBe('1 leg');
    expect(plural(30, 'edge')).toBe('30 edges');
    expect(plural(0, 'company', 'companies')).toBe('0 companies');
  });

  it('spell ids as words', () => {
    expect(words('compute_commitment')).toBe('compute commitment');
    expect(words('ai_lab')).toBe('AI lab');
    expect(words(null)).toBe('');
  });
});

describe('dates', () => {
  it('stand for their first or last day', () => {
    expect(dayText(dayNumber('2025')!)).toBe('2025-01-01');
    expect(dayText(dayNumber('2025', true)!)).toBe('2025-12-31');
    expect(dayText(dayNumber('2024-02', true)!)).toBe('2024-02-29');
    expect(dayText(dayNumber('2025-12-16', true)!)).toBe('2025-12-16');
  });

  it('that do not exist are no dates', () => {
    for (const text of ['2025-02-30', '2025-13', '25-01-01', 'today', '']) expect(dayNumber(text)).toBeNull();
  });
});

describe('links', () => {
  it('lead to web pages only', () => {
    expect(webAddress('https://example.org/a')).toBe('https://example.org/a');
    expect(webAddress('javascript:alert(1)')).toBeNull();
    expect(webAddress('example.org')).toBeNull();
    expect(webAddress(null)).toBeNull();
  });
});
