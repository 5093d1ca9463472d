/** The drawing of logins after a storm: its steps and lines stand where the numbers of the result say. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { StormResult } from '../../../../result/sections/storms-schema.ts';
import { readPage, tableOf } from '../../read-page.test-suite.ts';
import { PLOT_X, plotY } from '../../svg-plot.ts';
import { stormLoginsPlot } from './storm-logins-plot.ts';

const NO_DELIVERIES = { count: 0, p50Micros: null, p99Micros: null, p999Micros: null };
const STORM: StormResult = {
  what: '<all> connections',
  notice: 'reset',
  atSeconds: 3,
  dropped: 100,
  restored: 100,
  givenUp: 0,
  outageSeconds: null,
  riddenOut: 0,
  restored50Seconds: 0.25,
  restored90Seconds: 0.75,
  restored99Seconds: 0.9,
  restored999Seconds: null,
  peakLoginsPerSecond: 400,
  deferred: 0,
  loginsRefused: 0,
  messagesRejected: 0,
  deliveriesBefore: NO_DELIVERIES,
  deliveriesStayed: NO_DELIVERIES,
  binSeconds: 0.5,
  logins: [75, 25],
};
const drawn = (storm: Partial<StormResult>): string => stormLoginsPlot({ ...STORM, ...storm })?.text ?? '';

/** Points of the line, in the units of the drawing. */
function stepsOf(html: string): [x: number, y: number][] {
  const [, path = ''] = /class="stroke line-1" d="([^"]*)"/.exec(html) ?? [];
  return [...path.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

const verticals = (html: string): number[] =>
  [...html.matchAll(/class="stem" x1="([\d.]+)"/g)].map(([, at]) => Number(at));

describe('the logins after a storm', () => {
  it('are steps, whose heights are rates', () => {
    const { from, to } = PLOT_X;
    const html = drawn({});
    const steps = stepsOf(html);
    assert.deepEqual(
      steps.map(([x]) => x),
      [from, (from + to) / 2, (from + to) / 2, to],
    );
    const [first, second] = [steps[0]?.[1] ?? 0, steps[2]?.[1] ?? 0].map((y) => plotY().from - y);
    assert.ok(Math.abs((first ?? 0) / (second ?? 0) - 3) < 0.01, 'three times as many logins');
    assert.deepEqual(tableOf(readPage(html), `Logins per second after the storm (${STORM.what})`).rows, [
      ['0.0 s', '150'],
      ['0.5 s', '50.0'],
    ]);
  });

  it('have a line where half of the phones, and 99 %, were back, if they were', () => {
    const { from, to } = PLOT_X;
    assert.deepEqual(
      verticals(drawn({})),
      [0.25, 0.9].map((seconds) => Number((from + seconds * (to - from)).toFixed(1))),
    );
    const html = drawn({ restored99Seconds: null });
    assert.equal(verticals(html).length, 1);
    assert.match(html, /50 % back after 0\.25 s, 99 % not back in this run/);
    const cut = drawn({ restored99Seconds: 9 });
    assert.equal(verticals(cut).length, 1, 'the next storm ended the drawing before 99 % were back');
    assert.match(cut, /until the next; 99 % were back later/);
    assert.match(
      drawn({ restored50Seconds: 5, restored99Seconds: 9 }),
      /until the next; 50 % and 99 % were back later/,
    );
  });

  it('are not drawn if nobody logged in', () => {
    assert.equal(stormLoginsPlot({ ...STORM, logins: [] }), null);
  });

  it('stay inside the frame for any storm', () => {
    const bins = fc.array(fc.nat(1e6), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(bins, fc.constantFrom(0.1, 0.5, 1), (logins, binSeconds) => {
        const html = drawn({ logins, binSeconds });
        const steps = stepsOf(html);
        assert.equal(steps.length, 2 * logins.length);
        for (const [x, y] of steps) {
          assert.ok(x >= PLOT_X.from && x <= PLOT_X.to && y >= plotY().to && y <= plotY().from, `${x} ${y}`);
        }
        readPage(html);
      }),
    );
  });
});
