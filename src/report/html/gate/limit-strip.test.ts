import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertInside, type Drawn, middleOf, readDrawing, shapesOf } from '../svg/drawn.test-suite.ts';
import { type LimitedFigure, limitStrip } from './limit-strip.ts';

const LIMITED: LimitedFigure = {
  figure: 30,
  low: 25,
  high: 35,
  limit: 41,
  broken: 'above',
  isBand: false,
  tone: 'good',
};

function strip(change: Partial<LimitedFigure>): Drawn {
  const drawing = readDrawing(limitStrip({ ...LIMITED, ...change }, 220, 'strip'));
  assertInside(drawing);
  return drawing;
}

const limitsOf = (drawn: Drawn): number[] => shapesOf(drawn, 'limit').map((shape) => middleOf(shape)[0]);
const figureOf = (drawn: Drawn, tone: string): number => {
  const marks = shapesOf(drawn, tone).filter(({ tag }) => tag !== 'line' && tag !== 'rect');
  return middleOf(marks[0] ?? assert.fail('no mark'))[0];
};

describe('a limit beside its value', () => {
  it('has the value on the side on which it is, and the broken side shaded', () => {
    const below = strip({});
    assert.ok(figureOf(below, 'good') < (limitsOf(below)[0] ?? 0));
    const above = strip({ figure: 50, low: 45, high: 55 });
    assert.ok(figureOf(above, 'good') > (limitsOf(above)[0] ?? 0));
    const [shaded] = shapesOf(above, 'beyond');
    assert.equal(shaded?.box[0], shapesOf(above, 'limit')[0]?.box[0]);
    const [other] = shapesOf(strip({ broken: 'below' }), 'beyond');
    assert.equal(other?.box[2], shapesOf(strip({ broken: 'below' }), 'limit')[0]?.box[0]);
  });

  it('of a change is a band about 0, of which only the worse end is shaded', () => {
    const drawn = strip({ limit: 0.02, figure: 0.01, low: 0, high: 0.015, isBand: true });
    const [upper = 0, lower = 0] = limitsOf(drawn);
    assert.ok(lower < figureOf(drawn, 'good') && figureOf(drawn, 'good') < upper);
    assert.equal(shapesOf(drawn, 'beyond').length, 1);
  });

  it('has an arrow for a value that is far beyond it', () => {
    const drawn = strip({ figure: 10_000, low: 9000, high: Number.POSITIVE_INFINITY });
    assert.ok(shapesOf(drawn, 'good').some(({ tag }) => tag === 'polygon'));
  });

  it('is drawn for a count that must be 0, a limit below 0, and without a value', () => {
    const zero = strip({ figure: 0, low: 0, high: 0, limit: 0, broken: 'other' });
    assert.equal(figureOf(zero, 'good'), limitsOf(zero)[0]);
    strip({ figure: -3, low: -4, high: -2, limit: -1 });
    assert.deepEqual(shapesOf(strip({ figure: null, low: null, high: null }), 'good'), []);
  });
});
