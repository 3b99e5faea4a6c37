import { describe, expect, it } from 'vitest';
import { cronWords, momentText, placeIn, tookText } from './reportstime';

describe('cronWords', () => {
  it.each([
    ['0 6 * * *', 'every day at 06:00'],
    ['30 6,18 * * 1-5', 'Monday to Friday at 06:30 and 18:30'],
    ['0 9 * * mon', 'every Monday at 09:00'],
    ['0 9 * * 1,3', 'every Monday and Wednesday at 09:00'],
    ['5 7 1,15 * *', 'on day 1 and 15 of the month at 07:05'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['*/5 * * * sat', 'every 5 minutes, every Saturday'],
    ['7 * * * *', 'every hour at 07 minutes past'],
    ['0 9 1 * 1', '0 9 1 * 1'],
    ['0 9 * jan *', '0 9 * jan *'],
    ['0 9-17 * * *', '0 9-17 * * *'],
    ['nonsense', 'nonsense'],
  ])('%s reads %s', (cron, words) => expect(cronWords(cron)).toBe(words));
});

describe('momentText', () => {
  it('is as the clocks of the zone show it', () => {
    expect(momentText('2026-11-24T11:00:00Z', 'America/New_York')).toBe('Tue 24 Nov 2026, 06:00 EST');
    expect(momentText('2026-11-24T00:00:00Z', 'UTC')).toBe('Tue 24 Nov 2026, 00:00 UTC');
    expect(momentText('2026-11-24T05:00:00Z', 'Europe/Berlin')).toBe('Tue 24 Nov 2026, 06:00 CET');
    expect(momentText('2026-11-24T00:00:07Z', 'UTC', true)).toBe('Tue 24 Nov 2026, 00:00:07 UTC');
    expect(momentText('2026-11-24T00:00:00Z', 'Nowhere/None')).toBe('Tue 24 Nov 2026, 00:00 UTC');
  });
});

it('times and places read short', () => {
  expect(tookText('2026-11-24T00:00:00Z', '2026-11-24T00:00:00.850Z')).toBe('850 ms');
  expect(tookText('2026-11-24T00:00:00Z', '2026-11-24T00:00:02.420Z')).toBe('2.4 s');
  expect(placeIn('line 4, column 42: "-1" is not allowed')).toEqual({ line: 4, column: 42 });
  expect(placeIn('is missing')).toBeNull();
});
