import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { readSeriesFile, SERIES_SCHEMA, type SeriesFile, writeSeriesFile } from './series-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-series-file-'));
const PATH = join(folder, 'series.json');
after(() => rmSync(folder, { recursive: true, force: true }));

/** Objects with the prototype that JSON.parse gives them. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}

const side = plain({
  name: fc.string(),
  scenarioHash: fc.string(),
  commit: fc.option(fc.string()),
  code: fc.string(),
});
const run = plain({
  index: fc.nat(),
  block: fc.nat(),
  side: fc.nat(1),
  resultId: fc.string(),
  folder: fc.string(),
});
const series: fc.Arbitrary<SeriesFile> = plain({
  schema: fc.constant(SERIES_SCHEMA),
  id: fc.string(),
  startedAt: fc.constant('2026-01-02T03:04:05.678Z'),
  seed: fc.nat(),
  blocks: fc.nat(),
  warmUps: fc.nat(),
  machineClass: fc.string(),
  node: fc.string(),
  sides: fc.array(side, { minLength: 1, maxLength: 2 }),
  runs: fc.array(run),
});
const SERIES: SeriesFile = {
  schema: SERIES_SCHEMA,
  id: 'a',
  startedAt: '2026-01-02T03:04:05Z',
  seed: 1,
  blocks: 2,
  warmUps: 0,
  machineClass: 'm',
  node: 'v20',
  sides: [{ name: 'base', scenarioHash: 'h', commit: null, code: 'c' }],
  runs: [],
};

describe('the file of a series', () => {
  it('reads back as it was written, and leaves no other file', async () => {
    await fc.assert(
      fc.asyncProperty(series, async (file) => {
        await writeSeriesFile(folder, file);
        assert.deepEqual(await readSeriesFile(folder), file);
        assert.deepEqual(readdirSync(folder), ['series.json']);
      }),
      { numRuns: 30 },
    );
  });

  const spoilt: [what: string, text: string, message: RegExp][] = [
    [
      'another schema',
      JSON.stringify({ ...SERIES, schema: 'trunkline.series/2' }),
      /expected schema trunkline\.series\/1.* at schema/,
    ],
    ['a seed below 0', JSON.stringify({ ...SERIES, seed: -1 }), / at seed: /],
    ['no side', JSON.stringify({ ...SERIES, sides: [] }), / at sides: /],
    ['three sides', JSON.stringify({ ...SERIES, sides: [1, 2, 3].map(() => SERIES.sides[0]) }), / at sides: /],
    ['a key too many', JSON.stringify({ ...SERIES, more: 1 }), /more/],
  ];
  for (const [what, text, message] of spoilt)
    it(`is refused for ${what}, and says to start anew`, async () => {
      writeFileSync(PATH, text);
      await assert.rejects(readSeriesFile(folder), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'SERIES_INVALID');
        assert.match(error.message, message);
        assert.match(error.message, /Start the series anew without --resume\.$/);
        return true;
      });
    });

  it('is refused where it is cut off or not there, and cannot be written where there is no folder', async () => {
    writeFileSync(PATH, JSON.stringify(SERIES).slice(0, 40));
    await assert.rejects(readSeriesFile(folder), { code: 'RESULT_UNREADABLE', message: /series\.json: not JSON/ });
    const none = join(folder, 'none');
    await assert.rejects(readSeriesFile(none), {
      code: 'SERIES_INVALID',
      message: /--resume .*expected the folder of a series/,
    });
    await assert.rejects(writeSeriesFile(none, SERIES), { code: 'OUTPUT_UNWRITABLE' });
  });
});
