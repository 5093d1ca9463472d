/** A capacity as text: the bounds, what limits it, the confirming runs, and one row per load. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CapacityOutcome, CapacityTrial } from '../../analysis/capacity/capacity-schema.ts';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { type Palette, PLAIN } from '../text/palette.ts';
import { capacityText } from './capacity-text.ts';

const good = (load: number, change: Partial<CapacityTrial> = {}): CapacityTrial => ({
  load,
  isGood: true,
  isValid: true,
  carriedLoad: load - 3,
  broken: [],
  figures: {},
  invalidReason: null,
  loginsPerSecond: null,
  deliveriesPerSecond: null,
  noticesPerSecond: null,
  deliveryP50Micros: 100,
  deliveryP99Micros: 1500,
  switchMicrosPerMessage: 3,
  switchBusyShare: 0.5,
  driverBusyShare: 0.4,
  ...change,
});
const LATE = { limit: 'latency.delivery: p(99)<5ms', figure: 7000, sentence: 'delivery p(99) was 7.00 ms' };
const bad = (load: number): CapacityTrial => good(load, { isGood: false, broken: [LATE], deliveryP99Micros: 7000 });
const invalid = (load: number, reason: string): CapacityTrial =>
  good(load, { isGood: false, isValid: false, invalidReason: reason, carriedLoad: 1, deliveryP99Micros: 9e6 });

const OUTCOME: CapacityOutcome = {
  schema: 'trunkline.capacity/1',
  over: 'messages',
  ownLoad: 100_000,
  scenario: 'made',
  transport: 'tcp',
  isSimulated: false,
  machineClass: 'Made CPU',
  limits: ['latency.delivery: p(99)<5ms', 'integrity.lost==0'],
  range: { lowestLoad: 1000, highestLoad: 400_000 },
  rangeEnd: 'ten times the rate of the scenario',
  goal: { trialSeconds: 5, durationSumSeconds: 20, exceedRatio: 0.5, widthShare: 0.02 },
  verdict: 'confirmed',
  sentence: 'This machine carries 90,000 messages per second.',
  bounds: { lowerLoad: 90_000, upperLoad: 100_000, unmeasurableLoad: null },
  isRegular: true,
  carriedLoad: 89_997,
  confirmedLoad: 90_000,
  limitedBy: [{ limit: LATE.limit, trials: 3, sentence: LATE.sentence }],
  messages: null,
  confirmations: [{ resultId: 'run-1', seconds: 60, trial: good(90_000) }],
  trials: [bad(100_000), good(90_000), invalid(90_000, 'swapping'), good(90_000, { deliveryP99Micros: 2500 })],
  published: [],
  command: null,
};
const textOf = (change: Partial<CapacityOutcome> = {}, palette: Palette = PLAIN): string[] =>
  capacityText({ ...OUTCOME, ...change }, palette).split('\n');
const tidy = (line: string): string => line.trim().replace(/ {2,}/g, '  ');

describe('a capacity as text', () => {
  it('begins with the sentence, in the colour of its verdict, and the conditions', () => {
    const palette = { ...PLAIN, good: (text: string) => `good ${text}`, warning: (text: string) => `warning ${text}` };
    assert.match(textOf({}, palette)[0] ?? '', /^good This machine/);
    for (const verdict of ['unconfirmed', 'at least', 'none', 'unknown'] as const)
      assert.match(textOf({ verdict }, palette)[0] ?? '', /^warning This machine/, verdict);
    assert.deepEqual(textOf().slice(1, 4), [
      'scenario made, transport tcp; Made CPU',
      'limits: the load is carried, latency.delivery: p(99)<5ms, integrity.lost==0',
      'MLRsearch (RFC 9971) from 1,000 to 400,000 (ten times the rate of the scenario), trials of 5 s, sum 20 s, ' +
        'exceed ratio 50.0 %, width 2.00 %',
    ]);
  });

  it('never shows simulated phones without the word, nor an empty list of limits', () => {
    const [, scenario, limits] = textOf({ isSimulated: true, transport: 'memory', limits: [] });
    assert.match(scenario ?? '', /transport memory, simulated: phones are rows in memory, no kernel sockets;/);
    assert.equal(limits, 'limits: the load is carried');
  });

  it('has the bounds, what broke and the confirming runs, in the unit of the load', () => {
    assert.deepEqual(textOf().slice(5, 11), [
      'lower bound         90,000 messages/s',
      'rate carried there  89,997 messages/s (median)',
      'upper bound         100,000 messages/s',
      'broken there        delivery p(99) was 7.00 ms (3 trials)',
      'confirming run      90,000 messages/s for 60 s: every limit held (run-1)',
      'trials              4, of which 1 not valid',
    ]);
  });

  it('has what else was carried at the lower bound, where all rates were to change together', () => {
    const carried = (loginsPerSecond: number) => ({
      loginsPerSecond,
      deliveriesPerSecond: 187_400.4,
      noticesPerSecond: null,
    });
    const change = {
      over: 'rates' as const,
      ownLoad: 342_000,
      trials: [good(90_000, carried(60_000)), good(90_000, carried(62_000)), bad(100_000), good(80_000, carried(1))],
    };
    const [line] = textOf(change).filter((one) => one.startsWith('with it'));
    assert.equal(line, 'with it             187,400 deliveries/s, 61,000 logins/s (medians)');
    assert.ok(!textOf({ ...change, over: 'messages' }).some((one) => one.startsWith('with it')));
  });

  it('has what others have published beside the medians at the lower bound, and what these are divided by it', () => {
    const metric = 'throughput.measuredLoginsPerSecond';
    const published = [
      { figure: '100 logins/s', source: 'a talk', metric, value: 100 },
      { figure: 'half within 60 s', source: 'a blog', metric: 'latency.storedDelivery med', value: 60e6 },
      { figure: 'fast', source: 'a book' },
    ];
    const trials = [20, 40, 60].map((figure) => good(90_000, { figures: { [metric]: figure } }));
    const lines = textOf({ published, trials: [...trials, good(80_000, { figures: { [metric]: 1000 } })] });
    const from = lines.findIndex((one) => one.startsWith('published'));
    assert.deepEqual(lines.slice(from, from + 4).map(tidy), [
      'published  here: medians of the good trials at the lower bound',
      '100 logins/s: here 40.0/s, 0.400 of it, not met (a talk)',
      'half within 60 s: here not measured (a blog)',
      'fast: no figure of a run to compare with (a book)',
    ]);
    assert.ok(!textOf().some((one) => one.startsWith('published')), 'a scenario that quotes nothing');
  });

  it('has where all messages of a search in one run are, and which limits on them held, broke or were not judged', () => {
    const { integrity } = madeResult();
    const limits = [
      { limit: 'integrity.lost value==0', answer: 'broken', sentence: 'integrity.lost value==0: found 3' },
      { limit: 'integrity.duplicated value==0', answer: 'held', sentence: '0' },
      { limit: 'integrity.rejected value==0', answer: 'not judged', sentence: 'found 5 in all trials' },
    ] as const;
    const whole = { ...integrity, sent: 100, delivered: 80, queued: 12, rejected: 5, lost: 3, orderCheckedShare: 1 };
    const lines = textOf({
      messages: { integrity: { ...whole, isSound: false, digestsMatch: false }, drainSeconds: 2.04, limits },
      confirmations: [],
    }).map(tidy);
    const from = lines.findIndex((one) => one.startsWith('all messages'));
    assert.deepEqual(lines.slice(from, from + 7), [
      'all messages  100 sent against 80 delivered + 12 queued + 5 rejected',
      'lost 3, duplicated 0, reordered 0',
      'order checked for all messages',
      'of all trials, checked after a drain of 2.0 s',
      'held: integrity.duplicated value==0',
      'broken: integrity.lost value==0: found 3',
      'not judged: integrity.rejected value==0: found 5 in all trials',
    ]);
  });

  it('does not say that no message was lost where messages were still in flight', () => {
    const integrity = { ...madeResult().integrity, isSound: null, digestsMatch: null, lost: 0 };
    const messages = { integrity, drainSeconds: 5, limits: [] };
    assert.match(textOf({ messages }).join('\n'), /lost not known, duplicated 0/);
  });

  it('says of an older outcome that no trial has judged the limits on messages', () => {
    const limits = ['latency.delivery: p(99)<5ms', 'integrity.lost value==0'];
    assert.ok(
      textOf({ limits, confirmations: [] })
        .map(tidy)
        .includes('all messages  not judged: integrity.lost value==0: trials do not drain'),
    );
  });

  it('says none where a bound was not found, and what a confirming run broke or why it did not count', () => {
    const broken = { ...bad(90_000), broken: [LATE, { ...LATE, sentence: '1 message was lost' }] };
    const lines = textOf({
      bounds: { lowerLoad: null, upperLoad: null, unmeasurableLoad: null },
      carriedLoad: null,
      limitedBy: [],
      confirmations: [
        { resultId: 'a', seconds: 59.6, trial: broken },
        { resultId: 'b', seconds: 60, trial: invalid(90_000, 'other programs') },
      ],
    });
    assert.match(lines[5] ?? '', /^lower bound +none$/);
    assert.match(lines[7] ?? '', /^upper bound +none$/);
    assert.match(lines[8] ?? '', /for 60 s: broken: delivery p\(99\) was 7\.00 ms; 1 message was lost \(a\)$/);
    assert.match(lines[9] ?? '', /: not valid: other programs \(b\)$/);
  });

  it('has a row per load, in ascending order, with the worst of its valid trials', () => {
    const rows = textOf().slice(12).map(tidy);
    assert.match(rows[0] ?? '', /^load .*first broken$/);
    assert.deepEqual(rows.slice(1), [
      '90,000  lower  2  0  1  89,997  2.50 ms  50.0 %  swapping',
      `100,000  undecided  0  1  0  99,997  7.00 ms  50.0 %  ${LATE.limit}`,
    ]);
  });

  it('has dashes in the row of a load whose trials were all invalid', () => {
    const [, row] = textOf({ trials: [invalid(70_000, 'throttling')] })
      .slice(12)
      .map(tidy);
    assert.match(row ?? '', /^70,000 .* 0 {2}0 {2}1 {2}– {2}– {2}– {2}throttling$/);
  });
});
