/** Each guard exactly at its limit, and a hair beyond: the figure, the limit and what to change are in its sentence. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GUARD_NAMES, type GuardName } from '../../result/guard-names.ts';
import type { Guard } from '../../result/result-schema.ts';
import { parseThreshold } from '../../scenario/threshold.ts';
import { Histogram } from '../../stats/histogram.ts';
import { type MadeEvidence, madeEvidence, reading } from '../made-evidence.test-suite.ts';
import type { HttpWindow } from '../record/http-window.ts';
import { madeInterval } from '../record/made-interval.test-suite.ts';
import { laneLoadGuard } from './driver-guards.ts';
import { atLeast, atMost, judged, unknown } from './guard-reading.ts';
import { type Evidence, judgeGuards } from './judge-guards.ts';

function guardOf(name: GuardName, made: MadeEvidence): Guard {
  const guard = judgeGuards(madeEvidence(made)).find((one) => one.name === name);
  assert.ok(guard !== undefined, `there is a guard "${name}"`);
  return guard;
}

/** Twelve seconds on one processor are 1,200 ticks. */
const TICKS = 1200;
const ramp = (isComplete: boolean): Partial<Evidence> => ({
  ramp: { readings: [reading(1000)], arrivingMicros: 1e6, isComplete, stopped: null },
});
const settle = (trendShare: number): Partial<Evidence> => ({
  settle: { isSteady: trendShare < 0.02, trendShare, trendShareMax: 0.02 },
});
/** Of a thousand requests that were due. */
const httpWindow = (sent: number): HttpWindow => ({
  seconds: 12,
  ratePerSecond: 1000 / 12,
  connections: 4,
  due: 1000,
  sent,
  answers2xx: sent,
  answers4xx: 0,
  answers5xx: 0,
  errors: 0,
  acknowledged: sent,
  latency: new Histogram(),
  sendDelay: new Histogram(),
});
const sockets = (connectsFailedPorts: number): Partial<Evidence> => ({
  counters: {
    driver: { connectsStarted: 1000 },
    switch: {},
    switchSockets: {},
    gateway: {},
    driverSockets: { connectsFailedPorts },
  },
});
const others = (count: number): Partial<Evidence> => ({
  ramp: { readings: [reading(500), reading(1000, 20 + count)], arrivingMicros: 1e6, isComplete: true, stopped: null },
});

/** Twelve intervals in which a million phones come back, and so many thousands in one of them. */
const returns = (thousands: number): Partial<Evidence> => ({
  intervals: Array.from({ length: 12 }, (_, n) =>
    madeInterval({ atSeconds: n + 1, messagesPerSecond: 500, returnsPerSecond: 1000 * (n === 6 ? thousands : 1000) }),
  ),
  intendedReturns: (fromMicros, toMicros) => toMicros - fromMicros,
});

interface Limit {
  readonly name: GuardName;
  readonly at: MadeEvidence;
  readonly beyond: MadeEvidence;
  readonly verdict?: Guard['verdict'];
  /** At the limit, where that is already a warning. */
  readonly held?: Guard['verdict'];
  /** Figure and limit, in the words of the sentence of what is beyond. */
  readonly says: RegExp;
  readonly remedy: RegExp;
}

const LIMITS: readonly Limit[] = [
  {
    name: 'ramp',
    at: { evidence: ramp(true) },
    beyond: { evidence: { ramp: null } },
    says: /0 of 1,000 phones.*all expected/,
    remedy: /--set login\.rate=….*--set phones\.count=…/,
  },
  {
    name: 'time measured',
    at: { done: Array.from({ length: 10 }, () => 500) },
    beyond: { done: Array.from({ length: 9 }, () => 500) },
    verdict: 'warning',
    says: /9\.0 s measured, at least 10 s/,
    remedy: /--set phases\.measure=10s/,
  },
  {
    name: 'processor steal',
    at: { stealTicks: 0.03 * TICKS },
    beyond: { stealTicks: 0.03 * TICKS + 1 },
    held: 'warning',
    says: /3\.08 % .*at most 3\.00 %/,
    remedy: /processors are not shared/,
  },
  {
    name: 'other programs',
    at: { otherTicks: 600, laneWaitShare: 0.1 },
    beyond: { otherTicks: 600, laneWaitShare: 0.101 },
    says: /50\.0 %.*10\.1 %.*at most 10\.0 % where threads wait more than 10\.0 %/,
    remedy: /stop other programs/,
  },
  {
    name: 'throttling',
    at: { throttledPeriods: 0 },
    beyond: { throttledPeriods: 1 },
    says: /throttled in 1 periods, at most 0/,
    remedy: /cpu\.max/,
  },
  {
    name: 'swapping',
    at: { swappedPages: 0 },
    beyond: { swappedPages: 1 },
    says: /1 pages swapped, at most 0/,
    remedy: /--set phones\.count=…/,
  },
  {
    name: 'listen backlog',
    at: { kernel: { listenDrops: 1 } },
    beyond: { kernel: { listenDrops: 2, listenOverflows: 1 } },
    says: /2 connections.*0\.20 %, at most 0\.10 %/,
    remedy: /--set login\.rate=….*somaxconn.*--set sockets\.backlog=…/,
  },
  {
    name: 'retransmission',
    at: { kernel: { segmentsRetransmitted: 10 } },
    beyond: { kernel: { segmentsRetransmitted: 11 } },
    says: /11 segments.*0\.11 %, at most 0\.10 %/,
    remedy: /--set traffic\.rate=…/,
  },
  {
    name: 'retransmission',
    at: { kernel: { segmentsRetransmitted: 500, segmentsRetransmittedInVain: 490 } },
    beyond: { kernel: { segmentsRetransmitted: 501, segmentsRetransmittedInVain: 490 } },
    says: /11 segments were lost and sent again by the kernel, beside 490 that had arrived, 0\.11 %, at most 0\.10 %/,
    remedy: /--set traffic\.rate=…/,
  },
  {
    name: 'socket memory',
    at: { kernel: {} },
    beyond: { kernel: { abortsForMemory: 1, memoryPressures: 2 } },
    says: /3 times, at most 0/,
    remedy: /tcp_mem/,
  },
  {
    name: 'free ports',
    at: { kernel: {}, evidence: sockets(0) },
    beyond: { kernel: {}, evidence: sockets(1) },
    says: /1 connect found no free port, at most 0/,
    remedy: /ip_local_port_range/,
  },
  {
    name: 'invalid segments',
    at: { kernel: {}, evidence: { hasOwnNetwork: true } },
    // The kernel counts a segment with a wrong sum among the invalid ones as well.
    beyond: { kernel: { segmentsInvalid: 1, segmentsBadChecksum: 1 }, evidence: { hasOwnNetwork: true } },
    says: /refused 1 segment of the phones as malformed or with a wrong checksum, at most 0/,
    remedy: /the TCP of the phones is at fault/,
  },
  {
    name: 'other sockets',
    at: { kernel: {}, evidence: others(64) },
    beyond: { kernel: {}, evidence: others(65) },
    verdict: 'warning',
    says: /65 sockets of other programs.*at most 64/,
    remedy: /kernel memory has no figure/,
  },
  {
    name: 'lane load',
    at: { laneBusyShare: 0.8 },
    beyond: { laneBusyShare: 0.801 },
    says: /80\.1 % .*at most 80\.0 %/,
    remedy: /--set driver\.lanes=….*--set traffic\.rate=…/,
  },
  {
    name: 'driver load',
    at: { evidence: { offeredRate: 7000 } },
    beyond: { evidence: { offeredRate: 7010 } },
    says: /70\.1 % .*at most 70\.0 %/,
    remedy: /--set traffic\.rate=7\.00k/,
  },
  {
    name: 'send delay',
    at: { lateMicros: 4900, ackMicros: 9000 },
    beyond: { lateMicros: 5200, ackMicros: 9000 },
    says: /5\.\d+ ms late \(p99\), at most 5\.00 ms/,
    remedy: /--set traffic\.rate=….*leave more processor time/,
  },
  {
    name: 'offered load',
    at: { done: Array.from({ length: 12 }, () => 825), driver: { messagesBacklog: 60, messagesNoConnection: 40 } },
    beyond: { done: Array.from({ length: 12 }, () => 825), driver: { messagesBacklog: 60, messagesNoConnection: 41 } },
    says: /9\d\.\d % of what was due was sent, at least 99\.0 %/,
    remedy: /--set traffic\.rate=….*--set driver\.lanes=…/,
  },
  {
    name: 'logins by interval',
    at: { evidence: returns(1049) },
    beyond: { evidence: returns(1051) },
    says: /interval at 7\.0 s .*differs by 5\.1\d? %.*at most 5\.00 % in each of 12 intervals/,
    remedy: /--set phones\.session=….*--set traffic\.rate=…/,
  },
  {
    name: 'HTTP load',
    at: { evidence: { http: httpWindow(990) } },
    beyond: { evidence: { http: httpWindow(989) } },
    says: /98\.9 % of the HTTP requests that were due were sent, at least 99\.0 %/,
    remedy: /--set http\.load\.rate=….*--set http\.load\.connections=…/,
  },
  {
    name: 'steadiness',
    at: { evidence: settle(0.0199) },
    beyond: { evidence: settle(0.02) },
    says: /2\.00 % over five intervals, less than 2\.00 % expected/,
    remedy: /--set phases\.settle=…/,
  },
];

describe('each guard, at its limit', () => {
  for (const { name, at, beyond, verdict = 'invalid', held = 'ok', says, remedy } of LIMITS)
    it(`holds there, and beyond it says its figure, its limit and what to change: ${name}`, () => {
      const { verdict: found, sentence } = guardOf(name, at);
      assert.equal(found, held, sentence);
      if (held === 'ok') assert.doesNotMatch(sentence, /;/, 'no remedy where nothing is to be changed');
      const tripped = guardOf(name, beyond);
      assert.equal(tripped.verdict, verdict, tripped.sentence);
      assert.match(tripped.sentence, says);
      assert.match(tripped.sentence.slice(tripped.sentence.indexOf(';')), remedy);
      assert.ok(tripped.figure !== null && tripped.limit !== null);
    });

  it('warns of stolen processor time from 1 % on, which does not make the run invalid', () => {
    assert.equal(guardOf('processor steal', { stealTicks: 0.01 * TICKS }).verdict, 'ok');
    assert.equal(guardOf('processor steal', { stealTicks: 0.01 * TICKS + 1 }).verdict, 'warning');
  });

  it('lets other programs take what they like while no thread of the run waits', () => {
    assert.equal(guardOf('other programs', { otherTicks: 1000, laneWaitShare: 0 }).verdict, 'ok');
  });

  it('has a name that results may hold, and none twice', () => {
    const namesOf = (evidence: Partial<Evidence>): string[] =>
      judgeGuards(madeEvidence({ kernel: {}, evidence: { hasOwnNetwork: true, ...evidence } })).map(({ name }) => name);
    const names = namesOf({ http: httpWindow(1000) });
    const disturbances = [{ name: 'event', detail: 'goal', startMicros: 0, endMicros: 1e6 }] as const;
    const disturbed = namesOf({ disturbances, intendedReturns: () => 1 }).filter((name) => !names.includes(name));
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      ['load paused', ...names, ...disturbed, 'HTTP answers', 'message balance', 'profiled'].sort(),
      [...GUARD_NAMES].sort(),
      'every guard is made, but those on pauses, answers, balance and profiles, which a result gets later',
    );
  });
});

describe('guards that cannot be judged', () => {
  it('are those on the load where nothing was sent: they are left out', () => {
    const silent = judgeGuards(madeEvidence({ done: Array.from({ length: 12 }, () => 0) })).map(({ name }) => name);
    for (const name of ['offered load', 'send delay', 'steadiness', 'halves', 'backlog', "Little's law", 'driver load'])
      assert.ok(!silent.includes(name), name);
    assert.ok(silent.includes('lane load') && silent.includes('ramp'));
  });

  it('say so where the kernel does not count, and trip nothing', () => {
    const kernel = {
      listenOverflows: null,
      listenDrops: null,
      segmentsRetransmitted: null,
      memoryPressures: null,
      abortsForMemory: null,
    };
    for (const name of ['listen backlog', 'retransmission', 'socket memory'] as const) {
      const { verdict, figure, limit, sentence } = guardOf(name, { kernel });
      assert.deepEqual({ verdict, figure, limit }, { verdict: 'unknown', figure: null, limit: null });
      assert.match(sentence, /kernel does not report it/);
    }
    assert.equal(guardOf('listen backlog', { kernel: { listenOverflows: null, listenDrops: 9 } }).verdict, 'invalid');
  });

  it('say that a lane has no processor time, rather than that it was idle', () => {
    const { verdict, sentence } = laneLoadGuard(madeEvidence().window, ['lane-0', 'lane-7']);
    assert.equal(verdict, 'unknown');
    assert.match(sentence, /processor time of threads/);
  });

  it('warn of a run without calibration, and say how to have one, where there can be one', () => {
    const without = guardOf('driver load', { evidence: { calibration: null } });
    assert.deepEqual([without.verdict, without.figure], ['warning', null]);
    assert.match(without.sentence, /--set phases\.calibrate=true/);
    const elsewhere = guardOf('driver load', { evidence: { calibration: null, hasSwitch: false } });
    assert.match(elsewhere.sentence, /the switch is on the other side/);
  });

  it('do not look for other programs beside a switch elsewhere: on this machine it would be one', () => {
    const names = judgeGuards(madeEvidence({ evidence: { hasSwitch: false } })).map(({ name }) => name);
    assert.ok(!names.includes('other programs'));
  });

  it('are invalid where the time to settle was too short for any trend, unless the load is known to be steady', () => {
    const short = (isSteady: boolean): Guard =>
      guardOf('steadiness', { evidence: { settle: { isSteady, trendShare: null, trendShareMax: 0.02 } } });
    assert.equal(short(false).verdict, 'invalid');
    assert.match(short(false).sentence, /too few intervals.*--set phases\.settle=…/);
    assert.equal(short(true).verdict, 'unknown');
  });
});

describe('the guard on the send delay', () => {
  const delay = (thresholds: readonly [string, string][], lateMicros: number): Guard =>
    guardOf('send delay', {
      lateMicros,
      ackMicros: 20_000,
      evidence: { thresholds: thresholds.map(([metric, expression]) => parseThreshold(metric, expression)) },
    });

  it('allows a tenth of the strictest upper limit on deliveries, and of 50 ms without one', () => {
    assert.equal(delay([], 4000).limit, 5000);
    const limits: [string, string][] = [
      ['latency.delivery', 'p(99)<100ms'],
      ['latency.delivery', 'p(50)<20ms'],
    ];
    assert.equal(delay(limits, 1000).limit, 2000);
    assert.equal(delay(limits, 3000).verdict, 'invalid');
  });

  it('takes no limit from other metrics, nor from a least one', () => {
    const others: [string, string][] = [
      ['latency.login', 'p(99)<1ms'],
      ['latency.delivery', 'p(99)>1ms'],
    ];
    assert.equal(delay(others, 1000).limit, 5000);
  });
});

describe('how a guard is put', () => {
  const READING = {
    name: 'ramp',
    figure: 5,
    limit: 5,
    found: '5 found',
    allowed: 'at most 5',
    remedy: 'do less',
  } as const;

  it('holds at its limit, whichever side it is on', () => {
    assert.deepEqual([atMost(READING).verdict, atLeast(READING).verdict], ['ok', 'ok']);
    assert.equal(atMost({ ...READING, figure: 5.001 }).verdict, 'invalid');
    assert.equal(atLeast({ ...READING, figure: 4.999 }).verdict, 'invalid');
    assert.equal(atMost({ ...READING, figure: Number.NaN }).verdict, 'invalid', 'what is no figure does not pass');
    assert.equal(atLeast({ ...READING, figure: Number.NaN }).verdict, 'invalid');
  });

  it('has the remedy in its sentence where it trips or warns, and only there', () => {
    assert.equal(atMost(READING).sentence, '5 found, at most 5');
    assert.equal(judged(READING, 'warning').sentence, '5 found, at most 5; do less');
    assert.deepEqual(unknown('ramp', 'why').figure, null);
  });
});
