import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { comparePairs } from './compare-pairs.ts';
import type { ComparisonOrder } from './comparison-order.ts';
import type { Comparison, ComparisonRow } from './comparison-schema.ts';
import { madePairs, madeResult } from './made-results.test-suite.ts';
import { measureNoiseFloors } from './measure-noise-floors.ts';
import type { NoiseFloor, NoiseFloors } from './noise-floors-schema.ts';
import type { Pair } from './usable-pairs.ts';

const BYTES = 'memory.switch.bytesPerConnection';
const CPU = 'cpu.switchMicrosPerMessage';
const COMPLETE = 'throughput.completeMessagesPerSecond';
const P99 = 'latency.delivery p(99)';

function rowOf(comparison: Comparison, metric: string): ComparisonRow {
  return comparison.rows.find((row) => row.metric === metric) ?? assert.fail(`no row of ${metric}`);
}

function floorsOf(floor: Pick<NoiseFloor, 'metric' | 'floorShare' | 'smallestDifferenceShare'>): NoiseFloors {
  const measured = measureNoiseFloors(madePairs(), { confidence: 0.99, plannedPairs: 10 });
  const others = measured.floors.filter(({ metric }) => metric !== floor.metric);
  const own = { ...floor, pairs: 10, smallestDetectableShare: 0.4, isUsable: false, sentence: 'made up' };
  return { ...measured, floors: [...others, own] };
}

function replaced(pairs: readonly Pair[], index: number, pair: Partial<Pair>): Pair[] {
  return pairs.map((one, i) => (i === index ? { ...one, ...pair } : one));
}

describe('a paired comparison', () => {
  it('finds what changed, by how much and which way is better, through a machine that drifts', () => {
    const comparison = comparePairs(madePairs({ bytesRatio: 1.1, cpuRatio: 0.9, completeRatio: 0.88 }));
    const [bytes, cpu, complete] = [BYTES, CPU, COMPLETE].map((name) => rowOf(comparison, name));
    assert.equal(bytes?.verdict, 'regressed');
    assert.equal(cpu?.verdict, 'improved');
    assert.equal(complete?.verdict, 'regressed', 'fewer a second is worse');
    for (const [row, share] of [[bytes, 0.1] as const, [cpu, -0.1] as const, [complete, -0.12] as const]) {
      assert.ok((row?.lowShare ?? 1) <= share && share <= (row?.highShare ?? -1), row?.sentence);
      assert.ok(Math.abs((row?.changeShare ?? 9) - share) < 0.02);
    }
    assert.equal(rowOf(comparison, P99).verdict, 'equivalent');
    assert.equal(comparison.verdict, 'regressed');
    assert.match(
      comparison.sentence,
      /^Regressed: memory\.switch\.bytesPerConnection: .* more \(.*interval.*\): regressed/,
    );
  });

  it('gives each of five gating metrics 99 % so that all together have 95 %', () => {
    const comparison = comparePairs(madePairs());
    assert.equal(comparison.rows.filter((row) => row.role === 'gating').length, 5);
    assert.ok(Math.abs(comparison.gatingConfidence - 0.99) < 1e-12);
    assert.equal(rowOf(comparison, BYTES).confidence?.toFixed(3), '0.990');
    assert.equal(rowOf(comparison, BYTES).method, 'exact');
    assert.equal(rowOf(comparison, 'integrity.lost').role, 'descriptive');
    assert.equal(rowOf(comparison, 'memory.switch.rss.bytesPerConnection').confidence?.toFixed(3), '0.951');
  });

  it('lets only gating metrics decide', () => {
    const order: ComparisonOrder = { gating: [CPU] };
    const comparison = comparePairs(madePairs({ bytesRatio: 1.5 }), order);
    assert.equal(rowOf(comparison, BYTES).verdict, 'regressed');
    assert.equal(comparison.verdict, 'equivalent');
    const all = comparePairs(madePairs()).sentence;
    assert.match(all, /^Equivalent: no difference that matters in memory\.switch\.bytesPerConnection, .*held\.$/);
  });

  it('does not say that nothing changed where it could not tell', () => {
    const comparison = comparePairs(madePairs({ spreadShare: 0.2 }), { gating: [P99] });
    assert.equal(comparison.verdict, 'inconclusive');
    assert.match(comparison.sentence, /not detected at this precision \(smallest detectable about \d/);
    assert.ok((rowOf(comparison, P99).smallestDetectableShare ?? 0) > 0.1);
  });

  it('needs six pairs, and for five metrics eight, and says so', () => {
    const few = comparePairs(madePairs({ pairs: 5 }), { gating: [BYTES] });
    assert.equal(few.verdict, 'inconclusive');
    assert.match(few.sentence, /need at least 6 pairs, found 5/);
    assert.match(comparePairs(madePairs({ pairs: 7 })).sentence, /need at least 8 pairs for 99\.0 % confidence/);
    assert.notEqual(comparePairs(madePairs({ pairs: 6 }), { gating: [BYTES] }).verdict, 'inconclusive');
  });

  it('drops a run with its pair, says which guard, and stops at more than a quarter', () => {
    const good = madePairs({ pairs: 12 });
    const tripped = { candidate: madeResult({ id: 'late', tripped: 'send delay' }) };
    const some = [1, 4, 7].reduce((pairs, i) => replaced(pairs, i, tripped), good);
    const kept = comparePairs(some);
    assert.deepEqual([kept.runs.planned, kept.runs.valid, kept.invalidReason], [12, 9, null]);
    assert.deepEqual(kept.runs.dropped[0], {
      pair: 2,
      side: 'candidate',
      resultId: 'late',
      reason: 'send delay: it was too much',
    });
    const many = comparePairs(replaced(some, 9, tripped));
    assert.equal(many.verdict, 'invalid');
    assert.match(many.sentence, /4 of 12 pairs were dropped, more than a quarter.*send delay/);
  });

  it('is invalid where the environments differ, unless that was declared', () => {
    const pairs = madePairs({ candidate: { environment: { node: 'v24.0.0' } } });
    const comparison = comparePairs(pairs);
    assert.equal(comparison.verdict, 'invalid');
    assert.match(comparison.sentence, /the environments differ in node \("v20\.20\.2" against "v24\.0\.0"\)/);
    const declared = comparePairs(pairs, { allowedDifferences: ['node'] });
    assert.equal(declared.verdict, 'equivalent');
    assert.deepEqual(
      declared.environmentDifferences.map(({ name }) => name),
      ['node'],
    );
    const other = comparePairs(madePairs({ candidate: { environment: { machineClass: 'another' } } }));
    assert.match(other.sentence, /machineClass/);
  });

  it('shows what the candidate changes in the scenario, and refuses a side of two scenarios', () => {
    const pairs = madePairs({
      base: { written: { switch: { shards: 2 }, seed: 1 } },
      candidate: { written: { seed: 2 } },
    });
    const comparison = comparePairs(pairs);
    assert.deepEqual(comparison.scenarioDifferences, [{ name: 'switch.shards', values: ['2', 'not set'] }]);
    assert.equal(comparison.verdict, 'equivalent');
    const mixed = replaced(pairs, 3, { base: madeResult({ written: { switch: { shards: 1 } } }) });
    assert.match(comparePairs(mixed).sentence, /the runs of the base are not of one scenario: .*switch\.shards/);
  });

  it('is invalid where a gating metric was not measured in more than a quarter of the pairs', () => {
    const pairs = madePairs({ candidate: { p99Micros: null } });
    const comparison = comparePairs(pairs, { gating: [P99, BYTES] });
    assert.equal(comparison.verdict, 'invalid');
    assert.match(comparison.sentence, /latency\.delivery p\(99\): not measured, or not above 0, in 10 of 10 pairs/);
    const neither = madePairs({ base: { p99Micros: null }, candidate: { p99Micros: null } });
    const defaults = comparePairs(neither);
    assert.equal(defaults.rows.filter((row) => row.role === 'gating').length, 4, 'nobody measured it: not a default');
    assert.equal(defaults.verdict, 'equivalent');
  });

  it('refuses to gate on a metric whose noise floor is above its smallest difference', () => {
    const noiseFloors = floorsOf({ metric: P99, floorShare: 0.3, smallestDifferenceShare: 0.1 });
    const comparison = comparePairs(madePairs({ p99Ratio: 1.6 }), { noiseFloors });
    assert.equal(rowOf(comparison, P99).verdict, 'regressed', 'it is still shown');
    assert.equal(comparison.verdict, 'equivalent', 'it does not decide');
    assert.match(
      comparison.sentence,
      /p\(99\) does not gate: its noise floor, 30\.0 %, is above the smallest difference, 10\.0 %/,
    );
  });

  it('refuses noise floors of another machine', () => {
    const floors = floorsOf({ metric: P99, floorShare: 0.01, smallestDifferenceShare: 0.1 });
    assert.throws(
      () => comparePairs(madePairs(), { noiseFloors: { ...floors, machineClass: 'another' } }),
      /noise floors are of made on another, a result is of made on linux-x64/,
    );
  });

  it('counts a lost message as a regression however rare', () => {
    const pairs = replaced(madePairs(), 4, { candidate: madeResult({ lost: 1 }) });
    const comparison = comparePairs(pairs, { gating: ['integrity.lost'] });
    assert.equal(comparison.verdict, 'regressed');
  });

  it('has no width, and a verdict, where every run gives the same', () => {
    const pairs = Array.from({ length: 10 }, () => ({
      base: madeResult({ bytesPerConnection: 40 }),
      candidate: madeResult({ bytesPerConnection: 44 }),
    }));
    const row = rowOf(comparePairs(pairs), BYTES);
    assert.deepEqual([row.lowShare?.toFixed(6), row.highShare?.toFixed(6)], ['0.100000', '0.100000']);
    assert.deepEqual([row.verdict, row.ties], ['regressed', 10]);
  });

  it('says the opposite when base and candidate change places', () => {
    const pairs = madePairs({ bytesRatio: 1.2 });
    const swapped = pairs.map(({ base, candidate }) => ({ base: candidate, candidate: base }));
    const [there, back] = [rowOf(comparePairs(pairs), BYTES), rowOf(comparePairs(swapped), BYTES)];
    assert.deepEqual([there.verdict, back.verdict], ['regressed', 'improved']);
    assert.ok(Math.abs((1 + (there.changeShare ?? 0)) * (1 + (back.changeShare ?? 0)) - 1) < 1e-12);
  });

  it('is plain JSON', () => {
    const comparison = comparePairs(madePairs());
    assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);
  });

  const wrong: [what: string, pairs: readonly Pair[], order: ComparisonOrder, message: RegExp][] = [
    ['no pairs', [], {}, /expected pairs of results, found none/],
    [
      'six gating metrics',
      madePairs(),
      { gating: [BYTES, CPU, COMPLETE, P99, 'connections.held', 'connections.peak'] },
      /at most 5 metrics that decide, found 6/,
    ],
    ['a metric named twice', madePairs(), { gating: [BYTES, BYTES] }, /named twice/],
    ['a confidence in percent', madePairs(), { confidence: 95 }, /from 0\.5 to below 1, found 95/],
    [
      'a misspelt metric',
      madePairs(),
      { gating: ['cpu.switchMicrosPerMesage'] },
      /did you mean "cpu\.switchMicrosPerMessage"/,
    ],
    [
      'a difference below 0',
      madePairs(),
      { smallestDifferenceShares: { [BYTES]: -0.1 } },
      /at least 0 for memory\.switch\.bytesPerConnection, found -0\.1/,
    ],
    [
      'a misspelt difference',
      madePairs(),
      { smallestDifferenceShares: { 'cpu.x': 0.1 } },
      /there is no metric "cpu\.x"/,
    ],
  ];
  for (const [what, pairs, order, message] of wrong) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => comparePairs(pairs, order),
        (error) => error instanceof TrunklineError && error.kind === 'usage' && message.test(error.message),
      );
    });
  }
});
