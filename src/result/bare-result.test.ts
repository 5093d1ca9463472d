import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bareResult } from './bare-result.ts';
import { parseBareResult, parseResult } from './parse-result.ts';
import type { Result } from './result-schema.ts';

/** A real one. */
const FILE = fileURLToPath(new URL('../../results/reference/million-half-load.json', import.meta.url));
const text = readFileSync(FILE, 'utf8');
const whole = parseResult(text, FILE);

describe('a bare result', () => {
  it('has all but histograms and time series, whether it is read so or made so', () => {
    const bare = parseBareResult(text, FILE);
    assert.deepEqual(bare, bareResult(whole));
    assert.deepEqual(Object.values(bare.series).flat(), []);
    assert.ok(Object.values(bare.latency).every(({ histogram }) => histogram === null));
    const back = Object.entries(bare.latency).map(([name, summary]) => [
      name,
      { ...summary, histogram: whole.latency[name as keyof Result['latency']].histogram },
    ]);
    assert.deepEqual({ ...bare, series: whole.series, latency: Object.fromEntries(back) }, whole);
    assert.ok(JSON.stringify(bare).length < text.length / 4);
  });

  const spoilt: [what: string, change: (result: Result) => object, message: RegExp][] = [
    ['a figure that is text', (result) => ({ ...result, cpu: { ...result.cpu, threads: 'many' } }), /cpu\.threads/],
    ['no series', ({ series: _, ...rest }) => rest, /series/],
    ['a series that is no list', (result) => ({ ...result, series: { ...result.series, held: 3 } }), /series\.held/],
    ['a series too many', (result) => ({ ...result, series: { ...result.series, more: [] } }), /series.*more/],
    [
      'a histogram that is none',
      (result) => ({ ...result, latency: { ...result.latency, login: { ...result.latency.login, histogram: 3 } } }),
      /latency\.login\.histogram/,
    ],
    ['a key too many', (result) => ({ ...result, more: 1 }), /more/],
    ['another schema', (result) => ({ ...result, schema: 'trunkline.result/2' }), /expected schema/],
  ];
  for (const [what, change, message] of spoilt) {
    it(`is refused for ${what}, as a whole one is`, () => {
      const changed = JSON.stringify(change(whole));
      for (const parse of [parseResult, parseBareResult]) {
        assert.throws(() => parse(changed, 'x'), { code: 'RESULT_UNREADABLE', message });
      }
    });
  }

  it('is refused where it is cut off, or no object', () => {
    for (const bad of [text.slice(0, 1000), 'null', '[]', '3']) {
      assert.throws(() => parseBareResult(bad, 'x'), { code: 'RESULT_UNREADABLE' });
    }
  });
});
