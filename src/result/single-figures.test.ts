/** Each metric with one figure is read from its own place in a result, whose path is its name. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { METRIC_NAMES, METRICS, type MetricName } from '../scenario/terms/metrics.ts';
import { parseFigure, parseThreshold } from '../scenario/threshold.ts';
import { judgeThresholds } from '../verdict/judge-thresholds.ts';
import { readFigure, whyNoFigure } from './read-figure.ts';
import type { Result } from './result-schema.ts';

const read = (result: Result, name: MetricName): number | null => readFigure(result, parseFigure(name));

/** Metrics that are sums, longest ones or quotients of several figures: they have tests of their own. */
const COMPUTED =
  /^(latency|memory|events|storms|faults|platforms)\.|^cpu\.switchToDriverRatio$|^throughput\.loginsSwing$|^connections\.failed$|^network\.dropped/;
/** Where the path in a result is not the name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'content.readReceiptsPerSecond': 'content.readReceipts.receivedPerSecond',
  'content.readReceiptsLost': 'content.readReceipts.lost',
  'durability.commit99': 'durability.commitP99Micros',
};
const singles = METRIC_NAMES.filter((name) => !COMPUTED.test(name));

/** A result with the figures at these paths; sections that it lacks are made. */
function withFigures(figures: Iterable<readonly [path: string, figure: number | null]>): Result {
  const result = structuredClone(madeResult()) as unknown as Record<string, unknown>; // any section may be replaced
  for (const [path, figure] of figures) {
    const words = path.split('.');
    const last = words.pop() ?? '';
    let at = result;
    for (const word of words) {
      at[word] ??= {};
      at = at[word] as Record<string, unknown>; // made above
    }
    at[last] = figure;
  }
  const integrity = result.integrity as Record<string, unknown>; // every result has it
  integrity.isSound = true;
  return result as unknown as Result;
}

describe('a metric with one figure', () => {
  const result = withFigures(singles.map((name, n) => [ELSEWHERE[name] ?? name, 1000 + n]));
  for (const [n, name] of singles.entries())
    it(`is read from its own place: ${name}`, () => assert.equal(read(result, name), 1000 + n));

  it('is 0 where 0 was measured, which is not the same as nothing', () => {
    const zeros = withFigures(singles.map((name) => [ELSEWHERE[name] ?? name, 0]));
    for (const name of singles) assert.equal(read(zeros, name), 0, name);
  });

  it('is null where the run had no such part', () => {
    const none = { content: null, presence: null, groups: null, overload: null, durability: null, network: null };
    const without = { ...madeResult(), ...none } as Result;
    const optional = METRIC_NAMES.filter((name) => Object.keys(none).some((part) => name.startsWith(`${part}.`)));
    assert.ok(optional.length > 10);
    for (const name of optional) assert.equal(read(without, name), null, name);
  });

  it('of what is missing counts messages that are too many as well', () => {
    for (const name of ['integrity.lost', 'integrity.groups.lost'] as const)
      assert.equal(read(withFigures([[name, -3]]), name), 3);
  });

  it('of what is missing in groups is null where a killed switch has forgotten whom it had rejected', () => {
    const result = withFigures([
      ['integrity.groups.lost', 0],
      ['integrity.groups.maybeRejected', 2],
    ]);
    assert.equal(read(result, 'integrity.groups.lost'), null);
  });

  it('of what is missing in groups is null where it is not known, and says of how many messages', () => {
    for (const lost of [0, null]) {
      const result = withFigures([
        ['integrity.groups.lost', lost], // older results have 0
        ['integrity.groups.untold', 7],
      ]);
      assert.equal(read(result, 'integrity.groups.lost'), null);
      const figure = parseThreshold('integrity.groups.lost', 'value==0');
      assert.match(whyNoFigure(result, figure) ?? '', /number of recipients of 7 messages is not known/);
      const [judged] = judgeThresholds([figure], result);
      assert.deepEqual([judged?.figure, judged?.passed], [null, false]);
      assert.match(judged?.reason ?? '', /7 messages/);
    }
  });
});

describe('the figures of faults', () => {
  const withFaults = (...faults: Record<string, number | null>[]): Result =>
    ({ ...madeResult(), faults }) as unknown as Result; // with the figures that metrics read
  const names = ['faults.back50', 'faults.back99', 'faults.acknowledged'] as const;
  const figures = (result: Result) => names.map((name) => read(result, name));
  const fault = { back50Seconds: 1, back99Seconds: 2, acknowledgedSeconds: 3 };

  it('are the longest times of several, in microseconds', () => {
    const second = { back50Seconds: 4, back99Seconds: 1.5, acknowledgedSeconds: 0.5 };
    assert.deepEqual(figures(withFaults(fault, second)), [4e6, 2e6, 3e6]);
  });

  it('are no time if the sessions of one fault were not back, and nothing without faults', () => {
    assert.deepEqual(figures(withFaults(fault, { ...fault, back99Seconds: null })), [1e6, null, 3e6]);
    assert.deepEqual(figures(withFaults()), [null, null, null]);
  });
});

describe('the swing of logins', () => {
  const swing = (highest: number | null, lowest: number | null): number | null => {
    const { throughput } = madeResult();
    const changed = { ...throughput, loginsHighestPerSecond: highest, loginsLowestPerSecond: lowest };
    return read({ ...madeResult(), throughput: changed }, 'throughput.loginsSwing');
  };

  it('is the highest rate by the lowest, and not known without both, or where nobody logged in', () => {
    assert.equal(swing(228, 132), 228 / 132);
    assert.deepEqual([swing(null, null), swing(1, null), swing(1, 0)], [null, null, null]);
  });
});

describe('the figure of events', () => {
  const rise = (...events: Record<string, number | null>[]): number | null =>
    read({ ...madeResult(), events } as unknown as Result, 'events.deliveriesRise'); // with the figures that it reads

  it('is the highest rise of deliveries, by those before', () => {
    const goal = { deliveriesBeforePerSecond: 200, deliveriesPerSecond: 270 };
    assert.equal(rise({ deliveriesBeforePerSecond: 100, deliveriesPerSecond: 90 }, goal), 1.35);
  });

  it('is not known without events, and where an event has no time before it, or nothing was delivered then', () => {
    assert.equal(rise(), null);
    assert.equal(rise({ deliveriesBeforePerSecond: null, deliveriesPerSecond: 90 }), null);
    assert.equal(rise({ deliveriesBeforePerSecond: 0, deliveriesPerSecond: 90 }), null);
    assert.equal(rise({ deliveriesBeforePerSecond: 9, deliveriesPerSecond: null }), null);
  });
});

describe('the figures of storms', () => {
  const storm = { restored50Seconds: 1, restored90Seconds: 1.5, restored99Seconds: 2, restored999Seconds: 3 };
  const rest = { peakLoginsPerSecond: 500, deferred: 7, givenUp: 1 };
  const withStorms = (...storms: Record<string, number | null>[]): Result =>
    ({ ...madeResult(), storms }) as unknown as Result; // with the figures that metrics read
  const names = METRIC_NAMES.filter((name) => name.startsWith('storms.'));
  const figures = (result: Result): Record<string, number | null> =>
    Object.fromEntries(names.map((name) => [name.replace('storms.', ''), read(result, name)]));

  it('are the longest times, the highest peak, and sums', () => {
    const result = withStorms(
      { ...storm, ...rest },
      {
        restored50Seconds: 0.5,
        restored90Seconds: 3,
        restored99Seconds: 4,
        restored999Seconds: 9,
        peakLoginsPerSecond: 90,
        deferred: 0,
        givenUp: 2,
      },
    );
    assert.deepEqual(figures(result), {
      restored50: 1e6,
      restored90: 3e6,
      restored99: 4e6,
      restored999: 9e6,
      peakLoginsPerSecond: 500,
      deferred: 7,
      givenUp: 3,
    });
  });

  it('are no time if the phones of one storm did not return, and nothing without storms', () => {
    const result = withStorms({ ...storm, ...rest, restored999Seconds: null }, { ...storm, ...rest });
    assert.deepEqual([figures(result).restored99, figures(result).restored999], [2e6, null]);
    assert.ok(Object.values(figures(withStorms())).every((figure) => figure === null));
  });

  it('are all that the table of metrics has', () => {
    assert.deepEqual(Object.keys(figures(withStorms())), [
      'restored50',
      'restored90',
      'restored99',
      'restored999',
      'peakLoginsPerSecond',
      'deferred',
      'givenUp',
    ]);
    for (const name of names) assert.equal(METRICS[name].isTrend, false);
  });
});
