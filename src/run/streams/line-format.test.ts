import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { publishedValidator, readPublishedSchema } from '../../result/published-schema.test-suite.ts';
import { madeInterval } from '../../verdict/record/made-interval.test-suite.ts';
import { CSV, JSON_LINES } from './line-format.ts';
import { AWKWARD, EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';

/** Reads one record as RFC 4180 says, and nothing of this program. */
function csvFields(record: string): string[] {
  const fields: string[] = [];
  for (const match of `${record},`.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*)),/gy)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
  }
  return fields;
}

function csvRecord(...line: Parameters<typeof CSV.line>): Record<string, string> {
  const values = csvFields(CSV.line(...line));
  const names = csvFields(CSV.header ?? '');
  assert.equal(values.length, names.length);
  return Object.fromEntries(names.map((name, place) => [name, values[place] ?? '']));
}

describe('an interval as a line of CSV', () => {
  it('has the names of a result as its header, and threads together', () => {
    const record = csvRecord(RUN, KNOWN, EVENTS);
    const { run, isSimulated, atSeconds, held, deliveryP99Micros, kernelSocketBytes } = record;
    assert.deepEqual(
      { run, isSimulated, atSeconds, held, deliveryP99Micros, kernelSocketBytes },
      {
        run: RUN.id,
        isSimulated: 'false',
        atSeconds: '12.5',
        held: '1000',
        deliveryP99Micros: '25000',
        kernelSocketBytes: '5000000',
      },
    );
    const { shardBusyShareMax, laneBusyShareMax, collections, pauseMicros, events } = record;
    assert.deepEqual([shardBusyShareMax, laneBusyShareMax, collections, pauseMicros], ['0.75', '0.25', '3', '2000']);
    assert.equal(events, 'phase: measure; failed: The process "x", ended');
  });

  it('leaves empty what is not known, and says 0 where it is 0', () => {
    const { stealShare, shardBusyShareMax, rssBytes } = csvRecord(RUN, madeInterval(), []);
    assert.deepEqual([stealShare, shardBusyShareMax, rssBytes], ['', '', '0']);
  });

  it('is read back as it was, whatever names contain, but for an apostrophe before what would be a formula', () => {
    fc.assert(
      fc.property(AWKWARD, AWKWARD, (scenario, detail) => {
        const events = [{ atSeconds: 0, name: 'failed', detail } as const];
        const record = csvRecord({ ...RUN, scenario }, KNOWN, events);
        assert.equal(record['scenario'], /^[=+\-@\t\r]/.test(scenario) ? `'${scenario}` : scenario);
        assert.equal(record['events'], `failed: ${detail}`);
      }),
      // An apostrophe of the name's own is not taken for one that was put before it.
      { examples: [["'+", 'a,b']] },
    );
  });
});

describe('an interval as a line of JSON', () => {
  const complaints = publishedValidator(readPublishedSchema('interval'));

  it('is one line by the published schema, whatever names contain', () => {
    fc.assert(
      fc.property(AWKWARD, AWKWARD, (scenario, detail) => {
        const events = [...EVENTS, { atSeconds: 0, name: 'failed', detail } as const];
        const line = JSON_LINES.line({ ...RUN, scenario }, KNOWN, events);
        assert.doesNotMatch(line, /\n/);
        const read = JSON.parse(line);
        assert.deepEqual(complaints(read), []);
        assert.deepEqual([read.scenario, read.events, read.threads], [scenario, events, KNOWN.threads]);
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(complaints(JSON.parse(JSON_LINES.line(RUN, madeInterval(), []))), []);
  });
});
