/** Conditions, written in every way that the grammar allows, against the fields that they were written from. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { TrunklineError } from '../base/errors.ts';
import { METRIC_NAMES, METRICS, type MetricEntry, type MetricName } from './terms/metrics.ts';
import {
  aggregationsOf,
  figureName,
  meetsThreshold,
  type Operator,
  parseCondition,
  parseThreshold,
} from './threshold.ts';

const OPERATORS: readonly Operator[] = ['<', '<=', '>', '>=', '==', '!='];
const metric = fc.constantFrom(...METRIC_NAMES);
const operator = fc.constantFrom(...OPERATORS);
const space = fc.constantFrom('', ' ', '  ', '\t', '\n');
const percent = fc.constantFrom(0, 1, 50, 90, 99, 99.9, 99.99, 100);

/** A limit in a unit of the metric, and what it is in the unit that the program counts in. */
function limitOf(unit: MetricEntry['unit'], amount: number): readonly [text: string, limit: number][] {
  if (unit === 'bytes')
    return [
      [`${amount}B`, amount],
      [`${amount}KiB`, amount * 1024],
    ];
  if (unit === 'micros')
    return [
      [`${amount}us`, amount],
      [`${amount}ms`, amount * 1000],
    ];
  return [
    [`${amount}`, amount],
    [`${amount}k`, amount * 1000],
    [`${amount}k/s`, amount * 1000],
  ];
}

function codeOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof TrunklineError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a condition', () => {
  it('is read as it was meant, however it is spaced and whether or not it has a colon', () => {
    fc.assert(
      fc.property(
        fc.record({ metric, operator, percent, space, colon: fc.boolean(), amount: fc.nat(9999), which: fc.nat(9) }),
        ({ metric: name, operator: sign, percent: n, space: gap, colon, amount, which }) => {
          const entry: MetricEntry = METRICS[name];
          const aggregations = aggregationsOf(entry);
          const aggregation = (aggregations[which % aggregations.length] ?? '').replace('N', String(n));
          const limits = limitOf(entry.unit, amount);
          const [limitText, limit] = limits[which % limits.length] ?? ['', 0];
          const text = `${gap}${name}${colon ? ':' : ' '}${gap}${aggregation}${gap}${sign}${gap}${limitText}${gap}`;
          const read = parseCondition(text);
          assert.deepEqual([read.metric, read.operator, read.limit], [name, sign, limit], text);
          const isPercentile = aggregation === 'med' || aggregation.startsWith('p');
          assert.equal(read.aggregation, isPercentile ? 'p' : aggregation);
          assert.equal(read.percent, aggregation === 'med' ? 50 : isPercentile ? n : 0);
          assert.ok(figureName(read).startsWith(name));
        },
      ),
    );
  });

  it('without an aggregation is of the one figure, and an error where there are several', () => {
    for (const name of METRIC_NAMES) {
      const entry: MetricEntry = METRICS[name];
      const [[limit] = ['']] = limitOf(entry.unit, 1);
      if (entry.isTrend)
        assert.equal(
          codeOf(() => parseThreshold(name, `<${limit}`)),
          'THRESHOLD_INVALID',
        );
      else assert.equal(parseThreshold(name, `<${limit}`).aggregation, entry.unit === 'perSecond' ? 'rate' : 'value');
    }
  });

  it('of any text is read or refused with its code: nothing else is thrown, and no name is invented', () => {
    const pieces = fc.constantFrom(
      'latency.delivery',
      'p(99)',
      '<',
      '==',
      '5ms',
      ':',
      ' ',
      'value',
      '64',
      'toString',
      '(',
    );
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.array(pieces, { maxLength: 8 }).map((some) => some.join('')),
    );
    fc.assert(
      fc.property(text, (some) => {
        const code = codeOf(() => {
          const { metric: name, limit } = parseCondition(some);
          assert.ok(METRIC_NAMES.includes(name) && Number.isFinite(limit), some);
        });
        assert.ok(code === 'none' || code === 'THRESHOLD_INVALID', code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a threshold', () => {
  it('is met as the operator says', () => {
    const compare: Readonly<Record<Operator, (a: number, b: number) => boolean>> = {
      '<': (a, b) => a < b,
      '<=': (a, b) => a <= b,
      '>': (a, b) => a > b,
      '>=': (a, b) => a >= b,
      '==': (a, b) => a === b,
      '!=': (a, b) => a !== b,
    };
    fc.assert(
      fc.property(operator, fc.nat(5), fc.nat(5), (sign, figure, limit) => {
        assert.equal(meetsThreshold({ operator: sign, limit }, figure), compare[sign](figure, limit));
      }),
    );
  });

  it('is not met by what is not a number, whichever way it looks', () => {
    for (const sign of OPERATORS.filter((one) => one !== '!='))
      assert.equal(meetsThreshold({ operator: sign, limit: 0 }, Number.NaN), false, sign);
  });
});

describe('the table of metrics', () => {
  const entries = METRIC_NAMES.map((name): [MetricName, MetricEntry] => [name, METRICS[name]]);

  it('has a smallest difference that matters for what is compared, and none for what is counted', () => {
    for (const [name, { kind, smallestDifferenceShare }] of entries) {
      if (kind === 'exact') assert.equal(smallestDifferenceShare, 0, name);
      else assert.ok(smallestDifferenceShare > 0 && smallestDifferenceShare < 1, name);
    }
  });

  it('says of each what it is, in one line, and names none twice', () => {
    for (const [name, { about }] of entries) assert.ok(about.length > 10 && !/[\n|]/.test(about), name);
    assert.equal(new Set(entries.map(([, { about }]) => about)).size, entries.length);
    for (const [name] of entries) assert.match(name, /^[a-z]+(\.[a-zA-Z][a-zA-Z0-9]*)+$/);
  });
});
