import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GuardName } from '../../result/guard-names.ts';
import type { Guard } from '../../result/result-schema.ts';
import { type MadeEvidence, madeEvidence } from '../made-evidence.test-suite.ts';
import { checkIntegrity, unrestedIntegrity } from '../record/integrity.ts';
import { madeInterval } from '../record/made-interval.test-suite.ts';
import { balanceGuard } from './balance-guard.ts';
import { type Evidence, judgeGuards } from './judge-guards.ts';

function guardOf(name: GuardName, made: MadeEvidence): Guard {
  const guard = judgeGuards(madeEvidence(made)).find((one) => one.name === name);
  assert.ok(guard !== undefined, `there is a guard "${name}"`);
  return guard;
}

const halves = (first: number, second: number): number[] =>
  Array.from({ length: 12 }, (_, i) => (i < 6 ? first : second));

describe('the guards of a run', () => {
  it('hold where all is well, over sockets and without', () => {
    for (const made of [{}, { kernel: {} }]) {
      const bad = judgeGuards(madeEvidence(made)).filter(({ verdict }) => verdict !== 'ok');
      assert.deepEqual(bad, []);
    }
  });

  const tripped: [name: GuardName, made: MadeEvidence, figure: RegExp, limit: RegExp][] = [
    ['ramp', { evidence: { ramp: null } }, /0 of 1,000 phones/, /all expected/],
    ['processor steal', { stealTicks: 50 }, /4\.17 %/, /at most 3\.00 %/],
    [
      'other programs',
      { otherTicks: 600, laneWaitShare: 0.4 },
      /took 50\.0 % of processor time.*waited 40\.0 %/,
      /at most 10\.0 % where threads wait/,
    ],
    ['throttling', { throttledPeriods: 3 }, /3 periods/, /at most 0/],
    ['swapping', { swappedPages: 12 }, /12 pages/, /at most 0/],
    ['listen backlog', { kernel: { listenDrops: 5 } }, /5 connections.*0\.50 %/, /at most 0\.10 %/],
    ['retransmission', { kernel: { segmentsRetransmitted: 20 } }, /20 segments.*0\.20 %/, /at most 0\.10 %/],
    ['socket memory', { kernel: { abortsForMemory: 2 } }, /2 times/, /at most 0/],
    ['lane load', { laneBusyShare: 0.9 }, /90\.0 %/, /at most 80\.0 %/],
    ['driver load', { evidence: { offeredRate: 8000 } }, /80\.0 %/, /at most 70\.0 %/],
    ['offered load', { driver: { messagesBacklog: 120 } }, /98\.0 %/, /at least 99\.0 %/],
    ['send delay', { lateMicros: 6000, ackMicros: 9000 }, /5\.\d+ ms|6\.\d+ ms/, /at most 5\.00 ms/],
    [
      'steadiness',
      { evidence: { settle: { isSteady: false, trendShare: 0.2, trendShareMax: 0.02 } } },
      /20\.0 %/,
      /less than 2\.00 % expected/,
    ],
    ['halves', { done: halves(500, 580) }, /16\.0 %/, /at most 10\.3 %/],
    ['backlog', { backlog: Array.from({ length: 12 }, (_, i) => 20 * i) }, /3\.\d+ %/, /at most 0\.96 %/],
    ["Little's law", { driver: { unansweredMicros: 1e6 } }, /off by 81\.\d %/, /at most 5\.00 %/],
  ];
  for (const [name, made, figure, limit] of tripped) {
    it(`say the figure, the limit and the remedy: ${name}`, () => {
      const guard = guardOf(name, made);
      assert.equal(guard.verdict, 'invalid');
      assert.match(guard.sentence, figure);
      assert.match(guard.sentence, limit);
      assert.match(guard.sentence, /; .{10,}$/, 'what to change');
      assert.notEqual(guard.figure, null);
      assert.notEqual(guard.limit, null);
    });
  }

  it('let other programs be, while there are processors enough for all', () => {
    assert.equal(guardOf('other programs', { otherTicks: 600, laneWaitShare: 0.01 }).verdict, 'ok');
    assert.equal(
      guardOf('other programs', { otherTicks: 50, laneWaitShare: 0.4 }).verdict,
      'ok',
      'it waited for its own',
    );
  });

  it('come in the order of cause and effect: a machine that was taken away is named before what it did', () => {
    const invalid = judgeGuards(madeEvidence({ stealTicks: 500, done: halves(500, 50), laneBusyShare: 0.95 }))
      .filter(({ verdict }) => verdict === 'invalid')
      .map(({ name }) => name);
    assert.deepEqual(invalid.slice(0, 2), ['processor steal', 'lane load']);
    assert.ok(invalid.includes('halves'));
  });
});

describe('the guard on each interval, where the scenario changes its load', () => {
  const disturbances = [{ name: 'event', detail: 'goal', startMicros: 0, endMicros: 1e6 }] as const;
  const intended = (from: number, to: number): number => ((to - from) / 1e6) * (to > 8e6 ? 20_000 : 10_000);
  const done = (last: number): number[] =>
    Array.from({ length: 16 }, (_, n) => (n < 8 ? 9500 : n < 15 ? 19_000 : last));
  const verdictOf = (last: number): Guard['verdict'] =>
    guardOf('load by interval', { done: done(last), evidence: { disturbances, intended } }).verdict;

  it('takes the place of backlog and halves, and compares with what was intended then', () => {
    assert.equal(verdictOf(19_000), 'ok', 'the same share of twice the load');
    assert.equal(verdictOf(17_500), 'invalid', 'one interval of 16 fell short by 8 %');
    const names = judgeGuards(madeEvidence({ done: done(19_000), evidence: { disturbances, intended } })).map(
      ({ name }) => name,
    );
    assert.deepEqual([names.includes('backlog'), names.includes('halves')], [false, false]);
  });

  it('looks at what was sent: a switch may fall behind in an event', () => {
    const intervals = done(19_000).map((sent, n) =>
      madeInterval({ atSeconds: n + 1, sentPerSecond: sent, messagesPerSecond: Math.min(sent, 12_000) }),
    );
    assert.equal(guardOf('load by interval', { evidence: { disturbances, intended, intervals } }).verdict, 'ok');
  });

  it('names the worst interval, also where nothing was intended in those before it', () => {
    const intended = (from: number, to: number): number => (from < 3e6 ? 0 : (to - from) / 100);
    const done = Array.from({ length: 16 }, (_, n) => (n < 3 ? 0 : n === 8 ? 5000 : 10_000));
    const { sentence } = guardOf('load by interval', { done, evidence: { disturbances, intended } });
    assert.match(sentence, /the interval at 9\.0 s differs .* in each of 13 intervals/);
  });
});

describe('the guard on logins, where they follow a curve', () => {
  const intendedReturns = (from: number, to: number): number => ((to - from) / 1e6) * (to > 8e6 ? 20_000 : 10_000);
  const verdictOf = (returns: (second: number) => number, seconds = 16): Guard => {
    const intervals = Array.from({ length: seconds }, (_, n) =>
      madeInterval({ atSeconds: n + 1, returnsPerSecond: returns(n) }),
    );
    return guardOf('logins by interval', { evidence: { intervals, intendedReturns } });
  };

  it('compares each interval with what was intended then, and names the worst', () => {
    assert.equal(verdictOf((n) => (n < 8 ? 10_100 : 19_500)).verdict, 'ok');
    const { verdict, sentence } = verdictOf((n) => (n === 11 ? 18_000 : n < 8 ? 10_000 : 20_000));
    assert.equal(verdict, 'invalid');
    assert.match(sentence, /interval at 12\.0 s .* differs by 10\.00 %.* at most 5\.66 % in each of 16 intervals; /);
    assert.equal(verdictOf(() => 10_000).verdict, 'invalid', 'logins that do not follow the curve');
  });

  it('cannot be judged from few intervals, and is absent without a curve', () => {
    assert.equal(verdictOf(() => 10_000, 3).verdict, 'unknown');
    assert.ok(judgeGuards(madeEvidence()).every(({ name }) => name !== 'logins by interval'));
  });
});

describe('the guards where a storm is declared', () => {
  const storm = { name: 'storm', detail: 'all lost', startMicros: 5e6, endMicros: Number.POSITIVE_INFINITY } as const;
  const driver = { messagesNoConnection: 600 };
  const made = (disturbances: Evidence['disturbances']): MadeEvidence => ({
    driver,
    lateMicros: 900_000,
    ackMicros: 950_000,
    evidence: { disturbances },
  });

  it('take no message for late or left out that a phone could not send, or only when it was back', () => {
    assert.equal(guardOf('offered load', made([storm])).verdict, 'ok');
    const backlog = { ...made([storm]), driver: { ...driver, messagesBacklog: 120 } };
    assert.equal(guardOf('offered load', backlog).verdict, 'invalid', 'but a lane must keep up');
  });

  it('judge how late messages were sent while all phones were connected', () => {
    const judged = (delays: readonly (number | null)[], held: (n: number) => number = () => 1000): Guard => {
      const intervals = delays.map((sendDelayP99Micros, n) =>
        madeInterval({
          atSeconds: n + 1,
          held: held(n),
          early: {
            ...{ sendDelayP99Micros, messageFaults: 0, throttledPeriods: 0, swappedPages: 0 },
            ...{ kernel: null, connectsStarted: 0 },
          },
        }),
      );
      return guardOf('send delay', { ...made([storm]), evidence: { disturbances: [storm], intervals } });
    };
    const inStorm = (n: number): number => (n < 20 ? 1000 : n < 29 ? 300 : 1000);
    const delays = (calm: number): number[] =>
      Array.from({ length: 40 }, (_, n) => (n >= 20 && n < 30 ? 900_000 : calm));
    const { verdict, figure, sentence } = judged(delays(1000), inStorm);
    assert.deepEqual([verdict, figure], ['ok', 1000], 'the storm has its delays');
    assert.match(
      sentence,
      /in 90 % of the 29 intervals without effects of a storm, messages were sent at most 1\.00 ms late/,
    );
    assert.equal(judged(delays(30_000), inStorm).verdict, 'invalid', 'but calm parts have their limit');
    const edge = delays(1000).map((delay, n) => (n === 19 || n === 31 ? 900_000 : delay));
    assert.equal(judged(edge, inStorm).verdict, 'ok', 'two of 29 at the edge of a storm');
    assert.equal(
      judged(
        delays(1000).map((delay, n) => (n % 5 === 0 ? 30_000 : delay)),
        inStorm,
      ).verdict,
      'invalid',
    );
    assert.equal(judged([1000, 1000, null, null, 1000]).verdict, 'unknown', 'too few are known');
  });

  it('leave open whether connections are lost for it, which the times to return contain', () => {
    for (const name of ['storm', 'fault'] as const) {
      const evidence = { disturbances: [{ ...storm, name }] };
      for (const kernel of [{ listenDrops: 5 }, { segmentsRetransmitted: 20 }]) {
        const guard = guardOf('listenDrops' in kernel ? 'listen backlog' : 'retransmission', { evidence, kernel });
        assert.equal(guard.verdict, 'unknown');
        assert.match(guard.sentence, /^a declared storm or fault contributed to it: (5 connections|20 segments)/);
      }
      assert.equal(guardOf('socket memory', { evidence, kernel: { abortsForMemory: 2 } }).verdict, 'invalid');
    }
    const event = { disturbances: [{ ...storm, name: 'event' as const }] };
    assert.equal(guardOf('listen backlog', { evidence: event, kernel: { listenDrops: 5 } }).verdict, 'invalid');
  });

  it('give way for a fault of the switch as well', () => {
    const fault = { ...storm, name: 'fault', detail: 'switch killed' } as const;
    assert.equal(guardOf('offered load', made([fault])).verdict, 'ok');
    assert.equal(guardOf('send delay', made([fault])).verdict, 'unknown');
  });

  it('do not give way for other disturbances', () => {
    const event = { ...storm, name: 'event' } as const;
    for (const disturbances of [[], [event]])
      for (const name of ['send delay', 'offered load'] as const)
        assert.equal(guardOf(name, made(disturbances)).verdict, 'invalid', name);
  });
});

describe('the guard on halves', () => {
  it('leaves room for what chance does to few events, and none beyond 5 % for many', () => {
    assert.equal(guardOf('halves', { done: halves(500, 530) }).verdict, 'ok', '6 % of 3,000 events');
    assert.equal(guardOf('halves', { done: halves(500, 562) }).verdict, 'invalid', '12 % of 3,000 events');
    const many = { evidence: { intended: (from: number, to: number) => (to - from) / 50 } };
    assert.equal(guardOf('halves', { done: halves(20_000, 20_900), ...many }).verdict, 'ok', '4.5 % of 120,000');
    assert.equal(guardOf('halves', { done: halves(20_000, 21_100), ...many }).verdict, 'invalid', '5.5 % of 120,000');
  });

  it('judges each half against what was intended in it', () => {
    const doubling = (from: number, to: number): number => (1000 * (Math.max(to, 6e6) - Math.max(from, 6e6))) / 1e6;
    const intended = (from: number, to: number): number => (500 * (to - from)) / 1e6 + doubling(from, to) / 2;
    assert.equal(guardOf('halves', { done: halves(500, 1000), evidence: { intended } }).verdict, 'ok');
    assert.equal(guardOf('halves', { done: halves(500, 500), evidence: { intended } }).verdict, 'invalid');
  });

  it('cannot be judged from fewer than ten intervals, and says what to change', () => {
    const { verdict, sentence } = guardOf('halves', { done: [500, 500, 500] });
    assert.equal(verdict, 'unknown');
    assert.match(sentence, /3 intervals are too few.*at least 10; --set phases/);
  });
});

describe("the guard on Little's law", () => {
  it('leaves room for what was unanswered when the window began and ended', () => {
    const off = { driver: { unansweredMicros: 6000 * 900 * 1.2 } };
    assert.equal(guardOf("Little's law", off).verdict, 'invalid');
    // After a standstill of 100 ms 50 messages wait, for up to 100 ms each.
    const standstill = { driver: { ...off.driver, messagesUnanswered: 50 } };
    assert.equal(guardOf("Little's law", standstill).verdict, 'ok');
  });

  it('counts rare long waits by their length: those that wait when the window ends are mostly such', () => {
    // 6,000 wait for a millisecond, and 20 for three seconds: 60 s of the 66 s.
    const verdictOf = (unansweredMicros: number, messagesUnanswered: number): Guard['verdict'] | undefined => {
      const evidence = madeEvidence({ driver: { unansweredMicros, messagesUnanswered } });
      for (let n = 0; n < 20; n++) evidence.window.end.latencies.acknowledgement.record(3e6);
      return judgeGuards(evidence).find(({ name }) => name === "Little's law")?.verdict;
    };
    assert.equal(verdictOf(65e6, 0), 'ok');
    assert.equal(verdictOf(100e6, 15), 'ok', 'fifteen more had waited for up to three seconds');
    assert.equal(verdictOf(100e6, 4), 'invalid', 'four cannot have');
  });
});

describe('the guard on the balance of messages', () => {
  const driver = { messagesSent: 10, messagesDelivered: 8, messagesAcknowledged: 10 };
  const queued = { messages: 0, low: 0, high: 0 };

  it('says what is missing, and where to look, or to wait longer', () => {
    const integrity = checkIntegrity(driver, queued, []);
    const atRest = balanceGuard(integrity);
    assert.equal(atRest.verdict, 'invalid');
    assert.equal(atRest.figure, 2);
    assert.match(
      atRest.sentence,
      /10 sent against 8 delivered.*: lost 2, the sets \w+, none may be missing; .*integrity\.findings/,
    );
  });

  it('says where a scenario loses messages by design, in groups as well, and not of other faults', () => {
    const remedy = (counters: Readonly<Record<string, number>>, mayLose: boolean): boolean =>
      balanceGuard(checkIntegrity(counters, queued, []), mayLose).sentence.includes('the scenario kills the switch');
    const inGroups = { groupMessagesSent: 1, groupRecipients: 3, groupDeliveries: 2, messagesDelivered: 9 };
    assert.equal(remedy(driver, true), true);
    assert.equal(remedy({ ...driver, ...inGroups }, true), true);
    assert.equal(remedy({ ...driver, ...inGroups }, false), false);
    assert.equal(remedy({ ...driver, pairDuplicated: 1 }, true), false);
  });

  it('does not judge what was still on its way when the drain ended, and says to wait longer', () => {
    const integrity = unrestedIntegrity(checkIntegrity({ ...driver, messagesAcknowledged: 7 }, queued, []));
    const { isSound, lost, digestsMatch, unanswered } = integrity;
    assert.deepEqual(
      { isSound, lost, digestsMatch, unanswered },
      { isSound: null, lost: 0, digestsMatch: null, unanswered: 3 },
    );
    const { verdict, sentence } = balanceGuard(integrity);
    assert.equal(verdict, 'invalid');
    assert.match(sentence, /8 delivered.*: the drain ended before all messages were answered, 3 are not/);
    assert.match(sentence, /; drain longer \(--set phases\.drain=…\)/);
    assert.doesNotMatch(sentence, /differ|lost/);
  });

  it('finds what no waiting mends, at rest or not', () => {
    for (const fault of [{ pairDuplicated: 1 }, { corrupted: 1 }, { messagesDelivered: 11 }]) {
      const integrity = unrestedIntegrity(checkIntegrity({ ...driver, ...fault }, queued, []));
      assert.equal(integrity.isSound, false);
      assert.match(balanceGuard(integrity).sentence, /; the drain ended before all messages were answered/);
    }
  });

  it('holds where all is there', () => {
    const { verdict, sentence } = balanceGuard(checkIntegrity({ ...driver, messagesDelivered: 10 }, queued, []));
    assert.equal(verdict, 'ok');
    assert.match(
      sentence,
      /^10 sent = 10 delivered \+ 0 queued \+ 0 rejected, and the sets are the same, none may be missing$/,
    );
  });

  it('says of messages to groups that it is not known whether any were lost, and of how many', () => {
    const inGroups = { groupMessagesSent: 4, groupMessagesAcknowledged: 4, groupMessagesUntold: 3 };
    const counted = { groupRecipients: 3, groupDeliveries: 9, messagesDelivered: 6 };
    const { verdict, sentence } = balanceGuard(checkIntegrity({ ...driver, ...inGroups, ...counted }, queued, []));
    assert.equal(verdict, 'ok');
    assert.match(sentence, /recipients of 3 messages is not known, .*; how many are lost is not known/);
    assert.match(sentence, /the sets are the same, except in groups, where this is not known/);
  });
});
