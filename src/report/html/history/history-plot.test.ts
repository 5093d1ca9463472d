import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInside, type Drawn, middleOf, readDrawing, shapesOf } from '../svg/drawn.test-suite.ts';
import { HALF, NARROW } from '../svg/svg.ts';
import { type HistoryDrawing, type HistoryStep, historyPlot } from './history-plot.ts';

function drawn(history: Partial<HistoryDrawing>): Drawn {
  const whole = { points: [], changes: [], figureWords: String, ...history };
  const [wide, narrow] = [HALF, NARROW].map((width) => readDrawing(historyPlot(whole, width, 'history')));
  assert.ok(wide && narrow);
  assertInside(wide);
  assertInside(narrow);
  return wide;
}

const points = (values: readonly number[]): HistoryDrawing['points'] =>
  values.map((value, i) => ({ value, day: `2026-01-${i + 1}`, said: `${value}` }));
const change = (index: number, before: number, now: number, name = 'abcdef12'): HistoryStep => ({
  index,
  before,
  now,
  tone: now > before ? 'bad' : 'good',
  name,
  said: name,
});
const circles = (plot: Drawn): [number, number][] => plot.shapes.filter(({ tag }) => tag === 'circle').map(middleOf);

describe('a metric over time', () => {
  const values = [40, 41, 40, 44, 45, 44, 41, 40];

  it('goes to the right by result and up by figure', () => {
    const places = circles(drawn({ points: points(values) }));
    assert.equal(places.length, values.length);
    for (const [i, [x, y]] of places.entries()) {
      const [lastX = 0, lastY = 0] = places[i - 1] ?? [];
      if (i === 0) continue;
      assert.ok(x > lastX);
      assert.equal(Math.sign(lastY - y), Math.sign((values[i] ?? 0) - (values[i - 1] ?? 0)));
    }
  });

  it('has each change before the first result of its level, with its commit and both levels', () => {
    const plot = drawn({ points: points(values), changes: [change(3, 40, 44), change(6, 44, 40, '12abcdef')] });
    const places = circles(plot);
    const lines = plot.shapes.filter(({ tag, className }) => tag === 'line' && className.includes('dashed'));
    const [first, second] = lines.map(({ box }) => box[0]);
    assert.ok((places[2]?.[0] ?? 0) < (first ?? 0) && (first ?? 0) < (places[3]?.[0] ?? 0));
    assert.ok((places[5]?.[0] ?? 0) < (second ?? 0) && (second ?? 0) < (places[6]?.[0] ?? 0));
    assert.ok(plot.texts.includes('abcdef12') && plot.texts.includes('12abcdef'));
    const levels = shapesOf(plot, 'interval');
    assert.equal(levels.length, 3, 'one before, and one after each change');
    assert.ok(Math.abs((levels[1]?.box[1] ?? 0) - (places[3]?.[1] ?? 0)) < 0.2, 'at the median of the level');
  });

  it('names no two changes in one place', () => {
    const many = Array.from({ length: 60 }, (_, i) => change(i + 1, 40, 41 + (i % 2), `commit${i}`));
    const plot = drawn({ points: points(Array.from({ length: 61 }, (_, i) => 40 + (i % 3))), changes: many });
    const named = plot.texts.filter((text) => text.startsWith('commit')).length;
    assert.ok(named >= 2 && named < 12, String(named));
  });

  it('is drawn for none, one, equal figures and hundreds', () => {
    drawn({});
    drawn({ points: points([40]) });
    drawn({ points: points([0, 0, 0]) });
    assert.equal(circles(drawn({ points: points(Array.from({ length: 500 }, (_, i) => i)) })).length, 500);
  });
});
