import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInside, type Drawn, type DrawnShape, middleOf, readDrawing, shapesOf } from '../svg/drawn.test-suite.ts';
import { HALF, NARROW, WIDE } from '../svg/svg.ts';
import { type ForestRow, forestPlot } from './forest-plot.ts';
import { decadesOf, type LatencyCurves, latencyCurvesPlot } from './latency-curves-plot.ts';
import { type NoiseRow, noisePlot } from './noise-plot.ts';
import { type RatioSeries, ratioPlot } from './ratio-plot.ts';

const WIDTHS = [WIDE, HALF, NARROW];

/** The drawing in each width, all of whose shapes are inside it. */
function drawn(draw: (width: number) => string): Drawn {
  const [first, ...others] = WIDTHS.map((width) => {
    const drawing = readDrawing(draw(width));
    assert.equal(drawing.width, width);
    assertInside(drawing);
    return drawing;
  });
  assert.equal(others.length, 2);
  return first ?? assert.fail();
}

const left = ({ box }: DrawnShape): number => box[0];
const right = ({ box }: DrawnShape): number => box[2];

const ROW: ForestRow = {
  label: 'cpu',
  note: 'less is better',
  changeShare: 0.1,
  lowShare: 0.05,
  highShare: 0.15,
  smallestDifferenceShare: 0.03,
  tone: 'bad',
  figure: '+10.0 %',
  verdict: 'regressed',
};

describe('the forest plot', () => {
  const forest = (rows: readonly ForestRow[]): Drawn => drawn((width) => forestPlot(rows, width, 'forest'));

  it('draws the interval beyond the band where the change is, and the estimate within the interval', () => {
    const plot = forest([ROW]);
    const [band] = shapesOf(plot, 'band');
    const [interval] = shapesOf(plot, 'interval');
    const [estimate] = shapesOf(plot, 'bad').filter(({ tag }) => tag === 'rect');
    const [equal] = shapesOf(plot, 'even-line');
    if (!band || !interval || !estimate || !equal) assert.fail('something is not drawn');
    assert.ok(left(interval) > right(band), 'the whole interval is above the band');
    const [x] = middleOf(estimate);
    assert.ok(x > left(interval) && x < right(interval));
    assert.ok(Math.abs(middleOf(band)[0] - left(equal)) < 0.2, 'equal is in the middle of the band');
  });

  it('draws the same decrease as far to the left as the increase to the right', () => {
    const less = { ...ROW, changeShare: 1 / 1.1 - 1, lowShare: 1 / 1.15 - 1, highShare: 1 / 1.05 - 1 };
    const plot = forest([ROW, less]);
    const [more, fewer] = shapesOf(plot, 'interval');
    const [equal] = shapesOf(plot, 'even-line').map(left);
    assert.ok(more && fewer && equal);
    assert.ok(Math.abs(left(more) - equal - (equal - right(fewer))) < 0.3);
  });

  it('ends in an arrow where an interval is open or beyond the axis', () => {
    const open = forest([{ ...ROW, lowShare: -1, highShare: Number.POSITIVE_INFINITY }]);
    assert.equal(shapesOf(open, 'bad').filter(({ tag }) => tag === 'polygon').length, 2);
    const far = forest([{ ...ROW, changeShare: 40, lowShare: 30, highShare: 50 }]);
    assert.ok(shapesOf(far, 'bad').some(({ tag }) => tag === 'polygon'));
  });

  it('has a row without marks for a metric without a figure, and an axis without any', () => {
    const none = forest([{ ...ROW, changeShare: null, lowShare: null, highShare: null }]);
    assert.deepEqual(shapesOf(none, 'bad'), []);
    assert.equal(shapesOf(none, 'band').length, 1);
    assert.equal(shapesOf(forest([]), 'even-line').length, 1);
    const estimateOnly = forest([{ ...ROW, lowShare: null, highShare: null }]);
    assert.deepEqual(shapesOf(estimateOnly, 'interval'), []);
  });

  it('holds a hundred rows, each below the one before', () => {
    const plot = forest(Array.from({ length: 100 }, (_, i) => ({ ...ROW, label: `metric ${i}` })));
    const tops = shapesOf(plot, 'band').map(({ box }) => box[1]);
    assert.equal(tops.length, 100);
    assert.ok(tops.every((top, i) => i === 0 || top > (tops[i - 1] ?? 0)));
  });
});

const SERIES: RatioSeries = {
  points: [1, 1.02, 0.99].map((ratio, i) => ({ pair: [1, 2, 4][i] ?? 0, ratio })),
  dropped: [{ pair: 3, reason: 'steal' }],
  pairs: 4,
  changeShare: 0.01,
  smallestDifferenceShare: 0.05,
  tone: 'even',
};

describe('the ratios by run order', () => {
  const ratios = (series: Partial<RatioSeries>): Drawn =>
    drawn((width) => ratioPlot({ ...SERIES, ...series }, width, 'ratios'));

  it('stand in the order of the pairs, higher where the ratio is, with a cross for a dropped pair', () => {
    const plot = ratios({});
    const circles = shapesOf(plot, 'even').filter(({ tag }) => tag === 'circle');
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = [], [x4 = 0, y4 = 0] = []] = circles.map(middleOf);
    assert.ok(x1 < x2 && x2 < x4);
    assert.ok(y2 < y1 && y1 < y4, 'up is more');
    const [cross] = shapesOf(plot, 'stroke');
    assert.ok(cross && middleOf(cross)[0] > x2 && middleOf(cross)[0] < x4);
  });

  it('lie within the band if they do not matter', () => {
    const plot = ratios({});
    const [band] = shapesOf(plot, 'band');
    for (const circle of shapesOf(plot, 'even').filter(({ tag }) => tag === 'circle')) {
      const [, y] = middleOf(circle);
      assert.ok(band && y > band.box[1] && y < band.box[3]);
    }
  });

  it('are drawn for none, one, a ratio of 0, and hundreds', () => {
    assert.equal(shapesOf(ratios({ points: [], dropped: [] }), 'band').length, 1);
    ratios({ points: [{ pair: 1, ratio: 0 }], pairs: 1, changeShare: null });
    const many = ratios({
      points: Array.from({ length: 400 }, (_, i) => ({ pair: i + 1, ratio: 1 + i / 1000 })),
      pairs: 400,
    });
    assert.equal(shapesOf(many, 'even').filter(({ tag }) => tag === 'circle').length, 400);
  });
});

const CURVES: LatencyCurves = {
  percents: [50, 90, 99, 99.9],
  curves: [
    { name: 'base', micros: [100, 200, 1000, 4000] },
    { name: 'candidate', micros: [100, 200, 900, null] },
  ],
};

describe('the latency curves', () => {
  const latency = (curves: LatencyCurves): Drawn => drawn((width) => latencyCurvesPlot(curves, width, 'latency'));

  it('are as far apart between 90 and 99 as between 99 and 99.9', () => {
    assert.deepEqual(
      [90, 99, 99.9].map((percent) => Math.round(decadesOf(percent) * 1e6) / 1e6),
      [1, 2, 3],
    );
  });

  it('leave the range empty that one side did not measure', () => {
    const plot = latency(CURVES);
    const [blind] = shapesOf(plot, 'unmeasured');
    const [base] = shapesOf(plot, 'one').filter(({ tag }) => tag === 'polyline');
    const [candidate] = shapesOf(plot, 'two').filter(({ tag }) => tag === 'polyline');
    assert.ok(blind && base && candidate);
    assert.ok(Math.abs(right(candidate) - left(blind)) < 0.2, 'the curve ends where the empty range begins');
    assert.ok(Math.abs(right(base) - right(blind)) < 0.2);
    assert.ok(plot.texts.includes('not measured'));
    const whole = { ...CURVES, curves: CURVES.curves.slice(0, 1) };
    assert.deepEqual(shapesOf(latency(whole), 'unmeasured'), []);
  });

  it('are drawn without a figure, with one, and with curves of nothing but null', () => {
    latency({ percents: [], curves: [] });
    latency({ percents: [50], curves: [{ name: 'a', micros: [100] }] });
    const blind = latency({
      ...CURVES,
      curves: CURVES.curves.map(({ name }) => ({ name, micros: [null, null, null, null] })),
    });
    assert.equal(shapesOf(blind, 'unmeasured').length, 1);
  });
});

describe('the noise floors', () => {
  const row: NoiseRow = {
    metric: 'cpu',
    floorShare: 0.02,
    smallestDetectableShare: 0.04,
    smallestDifferenceShare: 0.03,
    isUsable: true,
    said: 'cpu',
  };
  const noise = (rows: readonly NoiseRow[]): Drawn => drawn((width) => noisePlot(rows, width, 'noise'));

  it('end before the smallest difference if the metric may gate, and beyond it if not', () => {
    const plot = noise([row, { ...row, floorShare: 0.1, isUsable: false }]);
    const limits = shapesOf(plot, 'limit').map(left);
    const [good] = shapesOf(plot, 'good').map(right);
    const [bad] = shapesOf(plot, 'bad').map(right);
    assert.ok((good ?? 0) < (limits[0] ?? 0) && (bad ?? 0) > (limits[1] ?? 0));
  });

  it('are drawn for none, for an unknown floor, and for one beyond the axis', () => {
    noise([]);
    assert.deepEqual(shapesOf(noise([{ ...row, floorShare: null, smallestDetectableShare: null }]), 'good'), []);
    const far = noise([{ ...row, floorShare: 5, isUsable: false }]);
    assert.ok(
      shapesOf(far, 'bad').some(({ tag }) => tag === 'polygon'),
      'an arrow',
    );
  });
});
