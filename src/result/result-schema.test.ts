import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { parseResult } from './parse-result.ts';
import { schemaComplaints } from './published-schema.test-suite.ts';
import type { Result } from './result-schema.ts';

const REFERENCE = fileURLToPath(new URL('../../results/reference/', import.meta.url));
const STORED = ['million-half-load.json', 'tcp-100k.json'];

const reread = (result: Result): Result => parseResult(JSON.stringify(result), 'x');

describe('the schema of results', () => {
  it('reads results that real runs left, over memory and over sockets, and writes them again as published', () => {
    for (const name of STORED) {
      const result = parseResult(readFileSync(REFERENCE + name, 'utf8'), name);
      assert.deepEqual(reread(result), result, name);
      assert.deepEqual(schemaComplaints('result', result), [], name);
    }
  });

  it('gives back any figure as it was written', () => {
    const figure = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((value) => (Object.is(value, -0) ? 0 : value));
    const made = madeResult();
    fc.assert(
      fc.property(figure, fc.option(figure), fc.nat(), fc.string(), (rate, share, count, text) => {
        const result: Result = {
          ...made,
          id: text,
          throughput: { ...made.throughput, messagesPerSecond: rate, framesPerSecond: share },
          connections: { ...made.connections, held: count },
          counters: { ...made.counters, driver: { [`x${text}`]: rate } },
        };
        assert.deepEqual(reread(result), result);
      }),
      { numRuns: 50 },
    );
  });

  it('reads events of each name that any version has written', () => {
    const progress = ['phase', 'step', 'level', 'interrupted', 'failed', 'reserve', 'paused', 'resumed'] as const;
    const disturbances = ['storm', 'fault', 'recovered', 'event'] as const;
    const made = madeResult();
    const events = [...progress, ...disturbances].map((name, atSeconds) => ({ atSeconds, name, detail: 'x' }));
    assert.deepEqual(reread({ ...made, series: { ...made.series, events } }).series.events, events);
  });

  it('reads results that are older than a row, and says that it was not measured', () => {
    const { storedDelivery: _, ...latency } = madeResult().latency;
    const { switchRuntimeMicrosPerMessage: __, sharedRuntimeMicrosPerMessage: ___, ...cpu } = madeResult().cpu;
    const { shardLoop: ____, ...older } = madeResult();
    const read = parseResult(JSON.stringify({ ...older, latency, cpu }), 'older.json');
    assert.deepEqual([read.latency.storedDelivery.count, read.latency.storedDelivery.p99Micros], [0, null]);
    assert.deepEqual([read.cpu.switchRuntimeMicrosPerMessage, read.shardLoop], [null, null]);
  });

  it('has the range of older histograms where a result does not name its own', () => {
    const { rangeMicros: _, ...delivery } = madeResult().latency.delivery;
    const older = { ...madeResult(), latency: { ...madeResult().latency, delivery } };
    assert.equal(parseResult(JSON.stringify(older), 'older.json').latency.delivery.rangeMicros, 2 ** 26 - 1);
  });

  const refused: [what: string, change: (result: Result) => object, where: RegExp][] = [
    ['a count below 0', (one) => ({ ...one, connections: { ...one.connections, held: -1 } }), /connections\.held/],
    ['half a connection', (one) => ({ ...one, connections: { ...one.connections, peak: 0.5 } }), /connections\.peak/],
    ['a rate that is missing', (one) => ({ ...one, throughput: {} }), /throughput\.loginsPerSecond/],
    ['an ending that is none', (one) => ({ ...one, validity: { ...one.validity, ended: 'gone' } }), /validity\.ended/],
    ['a time that is none', (one) => ({ ...one, startedAt: 'yesterday' }), /startedAt/],
    [
      'a guard without a verdict',
      (one) => ({ ...one, validity: { ...one.validity, guards: [{ name: 'ramp' }] } }),
      /guards\.0\.verdict/,
    ],
  ];
  for (const [what, change, where] of refused)
    it(`refuses ${what}, and says where`, () => {
      assert.throws(
        () => parseResult(JSON.stringify(change(madeResult())), 'a.json'),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'RESULT_UNREADABLE');
          assert.match(error.message, /^a\.json: not a whole result: /);
          assert.match(error.message, where);
          return true;
        },
      );
    });

  it('names the schema that it expected, what it found, and what to do', () => {
    assert.throws(() => parseResult('{"schema": "trunkline.result/9"}', 'b.json'), {
      code: 'RESULT_UNREADABLE',
      message: 'b.json: expected schema trunkline.result/1, found the newer "trunkline.result/9". Update trunkline.',
    });
    const refused: [schema: unknown, says: RegExp][] = [
      [undefined, /found none\. Name a result\.json of trunkline\./],
      ['trunkline.result/10', /found the newer "trunkline\.result\/10"/],
      ['trunkline.result/0', /found the older .*Use the version of trunkline that wrote it\./],
      ['trunkline.comparison/1', /found "trunkline\.comparison\/1"\. Name a result\.json/],
      [{ deep: 'x'.repeat(10_000) }, /^b\.json: expected schema .{1,150}$/],
    ];
    for (const [schema, says] of refused)
      assert.throws(() => parseResult(JSON.stringify({ schema }), 'b.json'), { message: says });
  });
});
