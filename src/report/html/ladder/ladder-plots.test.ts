import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInside, type Drawn, middleOf, readDrawing, shapesOf } from '../svg/drawn.test-suite.ts';
import { NARROW, WIDE } from '../svg/svg.ts';
import { type AddedRemoved, addedRemovedPlot } from './added-removed-plot.ts';
import { type WaterfallRung, waterfall } from './waterfall.ts';

function drawn(draw: (width: number) => string): Drawn {
  const [wide, narrow] = [WIDE, NARROW].map((width) => readDrawing(draw(width)));
  assert.ok(wide && narrow);
  assertInside(wide);
  assertInside(narrow);
  return wide;
}

const rung = (name: string, figure: number | null, tone: WaterfallRung['tone']): WaterfallRung => ({
  name,
  note: `adds ${name}`,
  figure,
  tone,
  said: `${figure}`.replace('null', 'no figure'),
});

describe('the waterfall', () => {
  const fall = (rungs: readonly WaterfallRung[]): Drawn =>
    drawn((width) => waterfall({ rungs, figureWords: String }, width, 'waterfall'));

  it('goes from each figure to the next, and ends in the whole of the last', () => {
    const plot = fall([rung('a', 100, 'even'), rung('b', 60, 'good'), rung('c', 80, 'bad'), rung('d', 50, 'good')]);
    const [first] = shapesOf(plot, 'even').filter(({ className }) => !className.includes('light'));
    const [better, last] = shapesOf(plot, 'good');
    const [worse] = shapesOf(plot, 'bad');
    const [rest] = shapesOf(plot, 'light');
    assert.ok(first && better && last && worse && rest);
    const length = first.box[2] - first.box[0];
    const at = (figure: number): number => first.box[0] + (length * figure) / 100;
    const near = (place: number, figure: number): boolean => Math.abs(place - at(figure)) < 0.3;
    assert.ok(near(better.box[0], 60) && near(better.box[2], 100));
    assert.ok(near(worse.box[0], 60) && near(worse.box[2], 80));
    assert.ok(near(last.box[0], 50) && near(last.box[2], 80));
    assert.ok(near(rest.box[0], 0) && near(rest.box[2], 50));
  });

  it('skips a rung that failed, and goes on from the one before it', () => {
    const plot = fall([rung('a', 100, 'even'), rung('b', null, 'void'), rung('c', 80, 'good'), rung('d', 80, 'even')]);
    assert.deepEqual(shapesOf(plot, 'void'), []);
    assert.ok(plot.texts.includes('no figure') && plot.texts.includes('b'));
    const [first] = shapesOf(plot, 'even').filter(({ tag }) => tag === 'rect');
    assert.ok(Math.abs((shapesOf(plot, 'good')[0]?.box[2] ?? 0) - (first?.box[2] ?? 1)) < 0.2);
  });

  it('is drawn without rungs, without figures, and with one', () => {
    fall([]);
    fall([rung('a', null, 'void'), rung('b', null, 'void')]);
    fall([rung('a', 0, 'even')]);
    fall(Array.from({ length: 40 }, (_, i) => rung(`${i}`, 100 - i, 'good')));
  });
});

describe('gain when added beside loss when removed', () => {
  const knob: AddedRemoved = {
    name: 'a',
    addedRatio: 0.8,
    removedRatio: 0.8,
    isInteraction: false,
    said: 'independent of the others',
  };
  const knobs = (those: readonly AddedRemoved[]): Drawn => drawn((width) => addedRemovedPlot(those, width, 'knobs'));
  /** Without the marks of the legend. */
  const marks = (plot: Drawn, tone: string): number[] =>
    shapesOf(plot, tone)
      .slice(1)
      .map((shape) => middleOf(shape)[0]);

  it('coincide for a change that works alike in both places, and are joined by a strong line for an interaction', () => {
    const plot = knobs([knob, { ...knob, removedRatio: 1.2, isInteraction: true }]);
    const [added = 0, addedToo = 0] = marks(plot, 'one');
    const [removed = 1, apart = 0] = marks(plot, 'two');
    assert.ok(Math.abs(added - removed) < 0.2);
    const [equal = 0] = shapesOf(plot, 'even-line').map(({ box }) => box[0]);
    assert.ok(addedToo < equal && apart > equal, 'less to the left, more to the right');
    assert.equal(shapesOf(plot, 'interval').length, 1);
  });

  it('are drawn where one or both were not measured, and for none', () => {
    const plot = knobs([
      { ...knob, removedRatio: null },
      { ...knob, addedRatio: null, removedRatio: null },
    ]);
    assert.equal(marks(plot, 'one').length, 1);
    assert.ok(plot.texts.includes('not measured'));
    knobs([]);
  });
});
