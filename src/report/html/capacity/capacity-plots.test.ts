import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInside, type Drawn, middleOf, readDrawing, shapesOf } from '../svg/drawn.test-suite.ts';
import { NARROW, WIDE } from '../svg/svg.ts';
import { type LoadLatencyDrawing, loadLatencyPlot } from './load-latency-plot.ts';
import { type SearchDrawing, searchPlot, type TriedLoad } from './search-plot.ts';

function drawn(draw: (width: number) => string): Drawn {
  const [wide, narrow] = [WIDE, NARROW].map((width) => readDrawing(draw(width)));
  assert.ok(wide && narrow);
  assertInside(wide);
  assertInside(narrow);
  return wide;
}

const tried = (load: number, answer: TriedLoad['answer']): TriedLoad => ({ load, answer, said: `${load}` });
const SEARCH: SearchDrawing = {
  trials: [tried(100, 'held'), tried(200, 'invalid'), tried(200, 'held'), tried(400, 'broken')],
  bounds: [
    { lowerLoad: null, upperLoad: null },
    { lowerLoad: 100, upperLoad: null },
    { lowerLoad: 200, upperLoad: null },
    { lowerLoad: 200, upperLoad: 400 },
  ],
  confirmations: [tried(200, 'held')],
  loadWords: String,
  loadTitle: 'messages/s',
  loads: null,
};
/** Marks of trials, without those of the legend. */
const marksOf = (plot: Drawn, tone: string): [number, number][] =>
  shapesOf(plot, tone)
    .filter(({ tag, box }) => tag !== 'polyline' && tag !== 'line' && box[1] > 20)
    .map(middleOf);

describe('the search, trial by trial', () => {
  const search = (change: Partial<SearchDrawing>): Drawn =>
    drawn((width) => searchPlot({ ...SEARCH, ...change }, width, 'search'));

  it('goes to the right by trial and up by load; the confirming run is last', () => {
    const plot = search({});
    const [first, third, confirmed] = marksOf(plot, 'good');
    const [broken] = marksOf(plot, 'bad');
    const [invalid] = marksOf(plot, 'void');
    assert.ok(first && third && confirmed && broken && invalid);
    const xs = [first, invalid, third, broken, confirmed].map(([x]) => x);
    assert.deepEqual(
      xs,
      [...xs].sort((a, b) => a - b),
    );
    assert.ok(broken[1] < third[1] && third[1] < first[1]);
    assert.ok(Math.abs(third[1] - invalid[1]) < 0.2, 'the same load');
    assert.ok(Math.abs(third[1] - confirmed[1]) < 0.2);
  });

  it('has the lower bound below the upper one, each from the trial at which it was known', () => {
    const plot = search({});
    const lines = plot.shapes.filter(({ tag }) => tag === 'polyline');
    const [lower] = lines.filter(({ className }) => className.includes('good'));
    const [upper] = lines.filter(({ className }) => className.includes('bad'));
    assert.ok(lower && upper);
    assert.ok(upper.box[1] < lower.box[1], 'up is more');
    assert.ok(lower.box[0] < upper.box[0]);
  });

  it('near the bounds leaves out the loads beyond them', () => {
    const near = search({ loads: [150, 450] });
    assert.equal(marksOf(near, 'good').length, 2, 'one of two trials, and the confirming run');
  });

  it('is drawn for one trial, for none, and for hundreds', () => {
    search({ trials: SEARCH.trials.slice(0, 1), bounds: SEARCH.bounds.slice(0, 1), confirmations: [] });
    search({ trials: [], bounds: [], confirmations: [] });
    const trials = Array.from({ length: 600 }, (_, i) => tried(100 + (i % 50), 'held'));
    const many = search({ trials, bounds: trials.map(() => ({ lowerLoad: 100, upperLoad: null })), confirmations: [] });
    assert.equal(marksOf(many, 'good').length, 600);
  });
});

describe('latency against load', () => {
  const LATENCY: LoadLatencyDrawing = {
    trials: [
      { load: 100, p50Micros: 100, p99Micros: 1000, answer: 'held' },
      { load: 200, p50Micros: null, p99Micros: 2000, answer: 'held' },
      { load: 400, p50Micros: 900, p99Micros: 30_000, answer: 'broken' },
    ],
    lowerLoad: 200,
    upperLoad: 400,
    limitMicros: 20_000,
    loadWords: String,
    loadTitle: 'messages/s',
  };
  const latency = (change: Partial<LoadLatencyDrawing>): Drawn =>
    drawn((width) => loadLatencyPlot({ ...LATENCY, ...change }, width, 'latency'));

  it('has broken trials above the limit and the others below it', () => {
    const plot = latency({});
    const limit = shapesOf(plot, 'limit')[0]?.box[1] ?? 0;
    assert.ok(marksOf(plot, 'bad').every(([, y]) => y < limit));
    assert.ok(marksOf(plot, 'good').every(([, y]) => y > limit));
    assert.equal(shapesOf(plot, 'hollow').length, 2, 'a p50 only where it was measured');
  });

  it('has the bounds where their loads are', () => {
    const plot = latency({});
    const [lower] = shapesOf(plot, 'good').filter(({ tag }) => tag === 'line');
    assert.ok(Math.abs((lower?.box[0] ?? 0) - (marksOf(plot, 'good')[1]?.[0] ?? 1)) < 0.2);
  });

  it('is drawn for one trial, without a limit and without figures', () => {
    latency({ trials: LATENCY.trials.slice(0, 1), lowerLoad: null, upperLoad: null, limitMicros: null });
    latency({ trials: LATENCY.trials.map((trial) => ({ ...trial, p50Micros: null, p99Micros: null })) });
    latency({ trials: [], lowerLoad: null, upperLoad: null });
  });
});
