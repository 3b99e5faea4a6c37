import { describe, expect, it } from 'vitest';
import { arrow, legendAmounts, pointAt, widthScale } from './geometry';
import { placeLabels, placeOnLines } from './labels';
import { place, unit, world } from './layout';
import { fit, toMap, toScreen, whole } from './scene';

const ids = ['amazon', 'openai', 'nvidia', 'oracle', 'microsoft', 'anthropic'];
const nodes = ids.map((id) => ({ id }));
const edges = ids.map((payer, i) => ({ payer, payee: ids[(i + 1) % ids.length]!, amount_cents: (i + 1) * 1e11 }));

describe('the layout', () => {
  it('is the same for the same data, in whatever order it comes', () => {
    expect([...place([...nodes].reverse(), [...edges].reverse())].sort()).toEqual([...place(nodes, edges)].sort());
  });

  it('places every company inside the map and none upon another', () => {
    const at = [...place(nodes, edges).values()];
    expect(at).toHaveLength(ids.length);
    for (const [i, p] of at.entries()) {
      expect(p.x).toBeGreaterThanOrEqual(0);
      expect(p.x).toBeLessThanOrEqual(world.width);
      expect(p.y).toBeGreaterThanOrEqual(0);
      expect(p.y).toBeLessThanOrEqual(world.height);
      for (const q of at.slice(i + 1)) expect(Math.hypot(p.x - q.x, p.y - q.y)).toBeGreaterThan(40);
    }
  });

  it('bears a graph without companies, without edges and with loops on one company', () => {
    expect(place([], []).size).toBe(0);
    expect(place([{ id: 'a' }], []).size).toBe(1);
    expect(place([{ id: 'a' }], [{ payer: 'a', payee: 'a', amount_cents: null }]).size).toBe(1);
  });

  it('starts companies at different points', () => {
    expect(new Set(ids.map((id) => unit(id, 1))).size).toBe(ids.length);
    for (const id of ids) expect(unit(id, 2)).toBeLessThan(1);
  });
});

describe('widths', () => {
  it('grow with the square root of dollars and keep a hairline for the unknown', () => {
    const width = widthScale(100, 16);
    expect(width(100)).toBe(16);
    expect(width(25)).toBe(8);
    expect(width(0)).toBe(1.1);
    expect(width(null)).toBe(1.1);
  });

  it('are explained by round amounts', () => {
    expect(legendAmounts(3e13)).toEqual([3e13, 1e13, 1e12]);
    expect(legendAmounts(2e13)).toEqual([1e13, 1e12, 1e11]);
    expect(legendAmounts(0)).toEqual([]);
  });
});

describe('arrows', () => {
  const a = { x: 0, y: 0, r: 10 }, b = { x: 200, y: 0, r: 10 };

  it('bend to their own right, so that there and back stay apart', () => {
    const there = pointAt(arrow(a, b, 0, 2).path, 0.5), back = pointAt(arrow(b, a, 0, 2).path, 0.5);
    expect(there.y).toBeGreaterThan(5);
    expect(back.y).toBeLessThan(-5);
  });

  it('of several classes bend further one by one', () => {
    expect(pointAt(arrow(a, b, 1, 2).path, 0.5).y).toBeGreaterThan(pointAt(arrow(a, b, 0, 2).path, 0.5).y + 5);
  });
});

describe('names on the map', () => {
  const frame = { left: 0, top: 0, right: 400, bottom: 400 };

  it('do not cover each other', () => {
    const crowd = Array.from({ length: 20 }, (_, i) => ({ id: `n${i}`, x: 200 + (i % 5) * 8, y: 200 + Math.floor(i / 5) * 8, r: 4, width: 60, must: false }));
    const labels = placeLabels(crowd, crowd, frame);
    expect(labels.length).toBeGreaterThan(0);
    expect(labels.length).toBeLessThan(crowd.length);
  });

  it('and amounts on two lines side by side do not cover each other', () => {
    const a = { x: 0, y: 0, r: 20 }, b = { x: 0, y: 120, r: 20 };
    const [one, two] = placeOnLines([{ width: 80, path: arrow(a, b, 0, 4).path }, { width: 80, path: arrow(b, a, 0, 4).path }], [a, b]);
    expect(Math.abs(one!.x - two!.x) >= 80 || Math.abs(one!.y - two!.y) >= 18).toBe(true);
  });

  it('that must be seen are seen', () => {
    const one = { id: 'a', x: 200, y: 200, r: 5, width: 500, must: true };
    expect(placeLabels([one], [one], frame)).toHaveLength(1);
    expect(placeLabels([{ ...one, must: false }], [one], frame)).toHaveLength(0);
  });
});

describe('the view', () => {
  const frame = { width: 900, height: 600 };

  it('maps points to the screen and back', () => {
    const view = { x: 300, y: 500, zoom: 2 };
    const back = toMap(toScreen({ x: 123, y: 456 }, frame, view), frame, view);
    expect(back.x).toBeCloseTo(123);
    expect(back.y).toBeCloseTo(456);
  });

  it('fits the points given and is the whole map without any', () => {
    expect(fit([])).toEqual(whole);
    expect(fit([{ x: 100, y: 100 }, { x: 300, y: 200 }])).toEqual({ x: 200, y: 150, zoom: 3 });
  });
});
