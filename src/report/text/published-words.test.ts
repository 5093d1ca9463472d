import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../analysis/comparison/made-results.test-suite.ts';
import { asPublished } from '../../result/as-published.ts';
import type { Result } from '../../result/result-schema.ts';
import { parseScenario } from '../../scenario/scenario.ts';
import { publishedText } from './published-words.ts';

const SOURCE = 'a talk';
const result = (): Result => {
  const made = madeResult({});
  return {
    ...made,
    throughput: { ...made.throughput, deliveriesPerSecond: 178_000 },
    connections: { ...made.connections, held: 147_000 },
    scenario: {
      ...made.scenario,
      published: [
        { figure: '712k out/s', source: SOURCE, metric: 'throughput.deliveriesPerSecond', value: 712_000 },
        { figure: '147 M concurrent', source: SOURCE, metric: 'connections.held', value: 147_000_000 },
        { figure: '8,000 cores', source: SOURCE },
        { figure: '16.5 KiB', source: SOURCE, metric: 'memory.kernel.bytesPerConnection', value: 16_896 },
      ],
    },
  };
};

const publishedLines = (from: Result): string[] => asPublished(from).map(publishedText);

describe('published figures', () => {
  it('stand beside the figures of the run, with how much of them it reached', () => {
    const without: Result = { ...result(), memory: { ...result().memory, kernel: null } };
    assert.deepEqual(publishedLines(without), [
      '712k out/s: here 178k/s, 0.250 of it, not met (a talk)',
      '147 M concurrent: here 147,000, 0.00100 of it, not met (a talk)',
      '8,000 cores: no figure of a run to compare with (a talk)',
      '16.5 KiB: here not measured (a talk)',
    ]);
    assert.deepEqual(
      asPublished(without).map(({ ratio }) => ratio),
      [0.25, 0.001, null, null],
    );
  });

  it('are met by a run that does as well, whichever way is better, but for a difference that does not matter', () => {
    const judged = (metric: string, value: number): boolean | null => {
      const made = result();
      const published = [{ figure: 'f', source: SOURCE, metric, value }];
      return asPublished({ ...made, scenario: { ...made.scenario, published } })[0]?.isMet ?? null;
    };
    assert.deepEqual(
      [170_000, 186_000, 190_000].map((value) => judged('throughput.deliveriesPerSecond', value)),
      [true, true, false],
    );
    const bytes = result().memory.switch?.ledger?.bytesPerConnection ?? assert.fail('it is known');
    const less = 'memory.switch.bytesPerConnection';
    assert.deepEqual([judged(less, bytes * 2), judged(less, bytes / 2)], [true, false]);
    assert.equal(judged('storms.restored99', 1e6), null, 'a run without storms');
  });

  it('say how far from them the run may be, where more is not better', () => {
    const line = (value: number): string | undefined => {
      const published = [{ figure: 'as many', source: SOURCE, metric: 'connections.held', value, within: 0.2 }];
      return publishedLines({ ...result(), scenario: { ...result().scenario, published } })[0];
    };
    assert.equal(line(140_000), 'as many: here 147,000, 1.05 of it, met: within 20.0 % of it (a talk)');
    assert.equal(line(76_500), 'as many: here 147,000, 1.92 of it, not met: not within 20.0 % of it (a talk)');
    assert.equal(line(200_000), 'as many: here 147,000, 0.735 of it, not met: not within 20.0 % of it (a talk)');
  });

  it('may be one figure of a latency', () => {
    const made = result();
    const published = [
      { figure: 'half within 60 s', source: SOURCE, metric: 'latency.delivery med', value: 60_000_000 },
      { figure: 'all at once', source: SOURCE, metric: 'latency.delivery p(99)', value: 1 },
    ];
    const lines = publishedLines({ ...made, scenario: { ...made.scenario, published } });
    assert.match(lines[0] ?? '', /^half within 60 s: here \d+(\.\d+)? [mµ]s, .* of it, met \(a talk\)$/);
    assert.match(lines[1] ?? '', /, not met \(a talk\)$/);
  });

  it('of a scenario name a metric with one figure, and its value', () => {
    const read = (published: string): unknown =>
      parseScenario(
        `name: quoting
description: A scenario that quotes
phones: {count: 100, offline: 0%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
published: [{figure: f, source: s${published}}]
`,
        'x.yaml',
      ).settings.published;
    assert.deepEqual(read(', metric: throughput.deliveriesPerSecond, value: 712k'), [
      { figure: 'f', source: 's', metric: 'throughput.deliveriesPerSecond', value: 712_000 },
    ]);
    assert.throws(() => read(', metric: throughput.deliveriesPerSecond'), /metric and value together, or neither/);
    assert.throws(() => read(', value: 3'), /metric and value together, or neither/);
    assert.deepEqual(read(', metric: connections.held, value: 3, within: 20%'), [
      { figure: 'f', source: 's', metric: 'connections.held', value: 3, within: 0.2 },
    ]);
    assert.throws(() => read(', within: 20%'), /within only together with metric and value/);
    assert.throws(
      () => read(', metric: connections.held, value: 3, within: 200%'),
      /a share such as 0\.05 or 5%, from 0 to 1/,
    );
    assert.deepEqual(read(', metric: latency.storedDelivery med, value: 60M'), [
      { figure: 'f', source: 's', metric: 'latency.storedDelivery med', value: 60e6 },
    ]);
    for (const name of ['latency.delivery', 'latency.delivery p(12)', 'connections.held med'])
      assert.throws(
        () => read(`, metric: ${name}, value: 3`),
        /published.0.metric: expected a metric as trunkline metrics lists them/,
      );
  });
});
