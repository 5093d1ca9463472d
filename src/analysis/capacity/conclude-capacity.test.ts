import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '../../result/result-schema.ts';
import { parseThreshold } from '../../scenario/threshold.ts';
import { madeResult } from '../comparison/made-results.test-suite.ts';
import type { CapacityTrial, ConfirmingRun } from './capacity-schema.ts';
import { type CapacityOrder, concludeCapacity } from './conclude-capacity.ts';
import { capacityLimits, judgeTrial } from './judge-trial.ts';
import { CAPACITY_GOAL } from './mlr-search-step.ts';

const DELIVERY = parseThreshold('latency.delivery', 'p(99)<20ms');
const LOST = parseThreshold('integrity.lost', 'value==0');
const LIMITS = [DELIVERY, LOST];

interface Measured {
  readonly p99Micros?: number | null;
  readonly lost?: number | null;
  readonly carriedShare?: number;
  readonly tripped?: string;
}

function trialResult({ p99Micros = 5000, lost = 0, carriedShare = 1, tripped }: Measured = {}): Result {
  const made = madeResult({ p99Micros, ...(tripped === undefined ? {} : { tripped }) });
  const { throughput } = made;
  const judged = (metric: string, expression: string, figure: number | null, passed: boolean) => ({
    metric,
    expression,
    figure,
    isMore: false,
    passed: figure !== null && passed,
    reason: null,
  });
  return {
    ...made,
    throughput: { ...throughput, messagesPerSecond: (throughput.offeredMessagesPerSecond ?? 0) * carriedShare },
    thresholds: [
      judged('latency.delivery', DELIVERY.expression, p99Micros, (p99Micros ?? 0) < 20_000),
      judged('integrity.lost', LOST.expression, lost, lost === 0),
      judged('connections.held', 'value>=1G', 0, false),
    ],
  };
}

const judge = (measured?: Measured): CapacityTrial => judgeTrial(trialResult(measured), 'messages', 1000, LIMITS);

describe('a trial', () => {
  it('is good where every limit holds, other thresholds of the scenario aside', () => {
    const { isGood, isValid, broken } = judge();
    assert.deepEqual({ isGood, isValid, broken }, { isGood: true, isValid: true, broken: [] });
  });

  it('is not valid where phones still come back that an earlier trial kept away, and says so', () => {
    const why = '12 phones have not come back';
    const { isGood, isValid, invalidReason } = judgeTrial(trialResult(), 'rates', 1000, LIMITS, { disturbedBy: why });
    assert.deepEqual([isGood, isValid, invalidReason], [true, false, why]);
  });

  it('is bad where one of several limits is broken, and says which, with its figure and unit', () => {
    const { isGood, isValid, broken } = judge({ p99Micros: 31_000 });
    assert.deepEqual([isGood, isValid], [false, true]);
    assert.deepEqual(
      broken.map(({ sentence }) => sentence),
      ['latency.delivery p(99)<20ms: found 31.0 ms'],
    );
  });

  it('is bad where more than 0.5 % of what was due was not acknowledged', () => {
    assert.equal(judge({ carriedShare: 0.996 }).isGood, true);
    assert.match(judge({ carriedShare: 0.99 }).broken[0]?.sentence ?? '', /^load carried: 99\.0 % of the due messages/);
  });

  it('counts what the switch rightly refused as carried: messages of phones that had left the group', () => {
    const made = trialResult({ carriedShare: 0.9 });
    const offered = made.throughput.offeredMessagesPerSecond ?? 0;
    const judged = (refusedShare: number, over: 'messages' | 'rates' = 'rates'): CapacityTrial => {
      const refusedAfterLeavingPerSecond = refusedShare * offered;
      const groups = { refusedAfterLeavingPerSecond } as Result['groups']; // it reads nothing else
      return judgeTrial({ ...made, groups }, over, 1000, LIMITS);
    };
    for (const over of ['messages', 'rates'] as const) {
      const { isGood, carriedLoad } = judged(0.098, over);
      assert.equal(isGood, true, over);
      assert.ok(Math.abs((carriedLoad ?? 0) - 0.998 * offered) < 1e-6 * offered);
    }
    assert.equal(
      judged(0.05).broken[0]?.sentence,
      'load carried: 95.0 % of the due messages were acknowledged, or refused since their authors had left the group, expected at least 99.5 %',
    );
    assert.match(
      judged(0).broken[0]?.sentence ?? '',
      /^load carried: 90\.0 % of the due messages were acknowledged, expected/,
    );
  });

  for (const guard of ['offered load', 'backlog', 'ramp']) {
    it(`is bad and valid where the switch could not carry it ("${guard}")`, () => {
      const { isGood, isValid, broken } = judge({ tripped: guard });
      assert.deepEqual([isGood, isValid, broken[0]?.limit], [false, true, guard]);
    });
  }

  for (const guard of ['lane load', 'driver load', 'processor steal', 'swapping']) {
    it(`is not valid where something else spoilt it ("${guard}")`, () => {
      const { isValid, invalidReason } = judge({ tripped: guard });
      assert.equal(isValid, false);
      assert.match(invalidReason ?? '', new RegExp(`^${guard}: it was too much`));
    });
  }

  it('is bad where too few of the phones that were to return logged in, by more than chance', () => {
    const made = trialResult();
    const judged = (loginsPerSecond: number, intended: number | null, measuredSeconds = 10) =>
      judgeTrial(
        { ...made, throughput: { ...made.throughput, measuredLoginsPerSecond: loginsPerSecond, measuredSeconds } },
        'rates',
        1000,
        LIMITS,
        { intendedReturnsPerSecond: intended },
      );
    assert.equal(judged(96_000, 100_000).isGood, true);
    const { isGood, isValid, broken } = judged(90_000, 100_000);
    assert.deepEqual([isGood, isValid, broken[0]?.limit], [false, true, 'logins carried']);
    assert.match(
      broken[0]?.sentence ?? '',
      /90\.0 % of the phones that were to return logged in, expected at least 95\.0 %/,
    );
    assert.equal(judged(8, 10).isGood, true, 'a few are chance');
    assert.equal(judged(0, null).isGood, true, 'not known');
  });

  it('leaves what only a drained run can tell to the confirming run, and is not valid without a latency', () => {
    assert.equal(judge({ lost: null }).isGood, true);
    assert.match(
      judge({ p99Micros: null }).invalidReason ?? '',
      /delivery p\(99\)<20ms could not be measured: too few samples lie above the percentile; use longer trials \(--trial\)/,
    );
    assert.equal(judge({ lost: 3 }).broken[0]?.limit, 'integrity.lost value==0');
  });

  it('keeps the figures that published ones are compared with; null is one that it did not measure', () => {
    const metrics = ['latency.delivery p(99)', 'connections.held', 'http.ofAnOlderTrunkline'];
    const { figures } = judgeTrial(trialResult(), 'rates', 1000, LIMITS, { metrics });
    assert.deepEqual(Object.keys(figures), metrics);
    assert.deepEqual([figures['latency.delivery p(99)'], figures['http.ofAnOlderTrunkline']], [5000, null]);
  });

  it('has no limit of the thresholds that are about the load itself', () => {
    const thresholds = [
      DELIVERY,
      parseThreshold('connections.held', 'value>=9000'),
      parseThreshold('throughput.messagesPerSecond', 'rate>1k'),
    ];
    assert.deepEqual(capacityLimits(thresholds), [DELIVERY]);
  });
});

const ORDER: CapacityOrder = {
  over: 'messages',
  ownLoad: 100_000,
  scenario: 'made',
  transport: 'memory',
  isSimulated: true,
  machineClass: 'made',
  limits: ['latency.delivery p(99)<20ms'],
  range: { lowestLoad: 100, highestLoad: 10_000 },
  rangeEnd: 'the driver: 70 % of what it can do',
  goal: CAPACITY_GOAL,
  published: [],
  command: null,
};
const at = (load: number, measured: Measured, times = 3): CapacityTrial[] =>
  Array.from({ length: times }, () => ({ ...judge(measured), load, carriedLoad: load - 1 }));
const confirming = (load: number, measured: Measured = {}): ConfirmingRun => ({
  resultId: 'r',
  seconds: 60,
  trial: { ...judge(measured), load },
});

describe('a capacity', () => {
  const bounded = [...at(1000, {}), ...at(1020, { p99Micros: 40_000 })];

  it('is confirmed with both bounds, what was carried, what limited it, and the confirming run', () => {
    const outcome = concludeCapacity(ORDER, bounded, [confirming(1000)]);
    assert.equal(outcome.verdict, 'confirmed');
    assert.deepEqual(outcome.bounds, { lowerLoad: 1000, upperLoad: 1020, unmeasurableLoad: null });
    assert.deepEqual([outcome.carriedLoad, outcome.confirmedLoad, outcome.isRegular], [999, 1000, true]);
    assert.deepEqual(
      outcome.limitedBy.map(({ limit, trials }) => [limit, trials]),
      [['latency.delivery p(99)<20ms', 3]],
    );
    assert.match(outcome.sentence, /^Capacity 1,000 messages\/s, simulated, confirmed for 60 s .*found 40\.0 ms\.$/);
  });

  it('over all rates is a multiple of those of the scenario, and says whether they were reached', () => {
    const rates = { ...ORDER, over: 'rates', ownLoad: 2500 } as const;
    const short = concludeCapacity(rates, bounded, [confirming(1000)]);
    assert.match(
      short.sentence,
      /^Claim not met: the rates of the scenario are 1\.00\. Capacity 0\.400 times all rates \(1,000 messages\/s\), simulated, confirmed/,
    );
    assert.match(concludeCapacity({ ...rates, ownLoad: 1000 }, bounded, []).sentence, /^Claim met: /);
    assert.match(concludeCapacity(rates, at(1000, { p99Micros: 40_000 }), []).sentence, /^Claim not met: /);
  });

  it('says so where the confirming run broke a limit, was not valid, or was not made', () => {
    const broken = concludeCapacity(ORDER, bounded, [confirming(1000, { p99Micros: 25_000 })]);
    assert.match(broken.sentence, /NOT CONFIRMED \(latency\.delivery p\(99\)<20ms: found 25\.0 ms\)/);
    const invalid = concludeCapacity(ORDER, bounded, [confirming(1000, { tripped: 'throttling' })]);
    assert.match(invalid.sentence, /NOT CONFIRMED \(throttling: /);
    assert.match(concludeCapacity(ORDER, bounded, []).sentence, /NOT CONFIRMED \(no confirming run\)/);
  });

  it('counts a lower load that a second confirming run bore out', () => {
    const outcome = concludeCapacity(ORDER, bounded, [confirming(1000, { p99Micros: 25_000 }), confirming(980)]);
    assert.deepEqual([outcome.verdict, outcome.confirmedLoad], ['confirmed', 980]);
  });

  it('is "at least" so much, limited by the driver, where no limit broke', () => {
    const { verdict, sentence } = concludeCapacity(ORDER, at(10_000, {}), []);
    assert.equal(verdict, 'at least');
    assert.match(sentence, /at least 10,000 messages\/s.*limited by the driver: 70 % of what it can do/);
  });

  it('is not "at least" so much where the confirming run broke a limit, and what a second one bore out otherwise', () => {
    const broken = concludeCapacity(ORDER, at(10_000, {}), [confirming(10_000, { p99Micros: 25_000 })]);
    assert.equal(broken.verdict, 'unconfirmed');
    assert.match(
      broken.sentence,
      /^Capacity at least 10,000 messages\/s, simulated, in trials, NOT CONFIRMED \(latency\.delivery p\(99\)<20ms: found 25\.0 ms\); limited by the driver/,
    );
    const second = [confirming(10_000, { p99Micros: 25_000 }), confirming(9800)];
    const { verdict, sentence } = concludeCapacity(ORDER, at(10_000, {}), second);
    assert.equal(verdict, 'at least');
    assert.match(sentence, /^Capacity at least 9,800 messages\/s, simulated: every limit held/);
  });

  it('is "at least" so much where trials above were not valid', () => {
    const spoilt = at(1020, { tripped: 'lane load' }, 5);
    const { verdict, sentence } = concludeCapacity(ORDER, [...at(1000, {}), ...spoilt], []);
    assert.equal(verdict, 'at least');
    assert.match(sentence, /trials at 1,020 messages\/s were not valid/);
  });

  describe('with the messages of all trials', () => {
    const rates = { ...ORDER, over: 'rates', ownLoad: 10_000 } as const;
    const checked = (answer: 'held' | 'broken' | 'not judged', sentence: string) => ({
      integrity: null,
      drainSeconds: null,
      limits: [{ limit: 'integrity.lost value==0', answer, sentence }],
    });

    it('is none where some were lost, whatever the trials carried', () => {
      const lost = concludeCapacity(rates, at(10_000, {}), [], checked('broken', 'integrity.lost value==0: found 3'));
      assert.deepEqual([lost.verdict, lost.bounds.lowerLoad, lost.carriedLoad], ['none', null, null]);
      assert.match(
        lost.sentence,
        /^Claim not met: .*No capacity, simulated: over the messages of all trials, integrity\.lost value==0: found 3\.$/,
      );
      const confirmed = concludeCapacity(rates, bounded, [confirming(1000)], checked('broken', 'found 3'));
      assert.deepEqual([confirmed.verdict, confirmed.confirmedLoad], ['none', null]);
    });

    it('says that every limit held only where none was left unjudged', () => {
      assert.match(concludeCapacity(rates, at(10_000, {}), [], checked('held', '0')).sentence, /: every limit held;/);
      const late = concludeCapacity(rates, at(10_000, {}), [], checked('not judged', 'too short a drain'));
      assert.equal(late.verdict, 'at least');
      assert.match(
        late.sentence,
        /: every judged limit held, NOT JUDGED integrity\.lost value==0: too short a drain; limited by/,
      );
    });
  });

  it('is none where the lowest load breaks a limit, and unknown without a valid trial', () => {
    assert.equal(concludeCapacity(ORDER, at(100, { p99Micros: 40_000 }), []).verdict, 'none');
    assert.equal(concludeCapacity(ORDER, at(100, { tripped: 'swapping' }, 5), []).verdict, 'unknown');
    assert.equal(concludeCapacity(ORDER, [], []).verdict, 'unknown');
  });
});
