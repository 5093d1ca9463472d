import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../base/errors.ts';
import { METRIC_NAMES, METRICS } from './terms/metrics.ts';
import { figureName, parseCondition, parseFigure, parseThreshold } from './threshold.ts';

function messageOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof TrunklineError, String(error));
    return error.message;
  }
  assert.fail('an error was expected');
}

describe('a condition', () => {
  it('reads the same with a colon, as a threshold, and without, as a rule', () => {
    const { expression: _, ...rule } = parseCondition('latency.delivery p(99) < 5ms');
    const { expression: __, ...limit } = parseCondition('latency.delivery: p(99)<5ms');
    assert.deepEqual(rule, limit);
    assert.deepEqual(rule, { metric: 'latency.delivery', aggregation: 'p', percent: 99, operator: '<', limit: 5000 });
  });

  it('needs no aggregation where a metric has one figure', () => {
    assert.equal(parseThreshold('throughput.messagesPerSecond', '>=400k/s').aggregation, 'rate');
    assert.equal(parseThreshold('throughput.messagesPerSecond', 'rate>=400k').limit, 400_000);
    assert.equal(parseThreshold('integrity.lost', '==0').aggregation, 'value');
    assert.match(
      messageOf(() => parseThreshold('latency.login', '<5ms')),
      /latency\.login has avg, min, max, med, p\(N\)/,
    );
  });

  it('takes bare numbers of a latency for milliseconds, as k6 does', () => {
    assert.equal(parseThreshold('latency.login', 'avg<1.5').limit, 1500);
    assert.match(
      messageOf(() => parseThreshold('cpu.switchMicrosPerMessage', '<5')),
      /expected a time such as 5ms/,
    );
  });

  it('names the whole name where only its last word was written', () => {
    assert.match(
      messageOf(() => parseThreshold('delivery', 'p(99)<5ms')),
      /did you mean "latency\.delivery"\?/,
    );
    assert.match(
      messageOf(() => parseThreshold('nonsense', '<5')),
      /trunkline metrics lists them all/,
    );
  });

  for (const text of ['', 'latency.delivery', 'p(99)<5', 'latency.delivery: p(101)<5ms', 'latency.delivery: p()<5ms']) {
    it(`refuses "${text}"`, () => assert.ok(messageOf(() => parseCondition(text)).length > 0));
  }
});

describe('the name of a figure', () => {
  it('has one spelling', () => {
    assert.equal(figureName(parseFigure('latency.delivery  p( 99.90 )')), 'latency.delivery p(99.9)');
    assert.equal(figureName(parseFigure('latency.delivery med')), 'latency.delivery p(50)');
    assert.equal(figureName(parseFigure('throughput.messagesPerSecond rate')), 'throughput.messagesPerSecond');
  });

  it('is read back for every metric', () => {
    for (const name of METRIC_NAMES) {
      const written = METRICS[name].isTrend ? `${name} p(99)` : name;
      assert.equal(figureName(parseFigure(written)), written);
    }
  });
});
