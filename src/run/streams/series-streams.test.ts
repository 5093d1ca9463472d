import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readIntervalLine } from '../../result/interval-schema.ts';
import { CSV, JSON_LINES } from './line-format.ts';
import { EVENTS, KNOWN, RUN } from './made-stream.test-suite.ts';
import { SeriesStreams } from './series-streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'trunkline-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the streams of a series', () => {
  it('label the intervals of each run, change nothing else, and say what they could not read', async () => {
    const said: string[] = [];
    const [lines, table] = [join(folder, 'x.jsonl'), join(folder, 'x.csv')];
    const streams = await SeriesStreams.open(
      [
        { kind: 'jsonl', path: lines, option: 'a' },
        { kind: 'csv', path: table, option: 'b' },
      ],
      (text) => said.push(text),
    );
    const line = (id: string): string => JSON_LINES.line({ ...RUN, id }, KNOWN, EVENTS);
    streams.starts({ side: 'base', number: 1, of: 2 });
    streams.line(line('first'));
    streams.line(line('first').replace('"held":1000', '"held":"many"'));
    streams.line('{"cut of');
    streams.line(line('first'));
    streams.ends();
    streams.starts({ side: 'candidate', number: 2, of: 2 });
    streams.ends();
    streams.starts({ side: 'candidate', number: 3, of: 4 });
    streams.line(line('third'));
    streams.ends();
    await streams.close();
    const read = readFileSync(lines, 'utf8').trimEnd().split('\n');
    const places = [
      ['first', { side: 'base', number: 1, of: 2 }],
      ['first', { side: 'base', number: 1, of: 2 }],
      ['third', { side: 'candidate', number: 3, of: 4 }],
    ] as const;
    assert.deepEqual(
      read.map((text) => JSON.parse(text)),
      places.map(([id, place]) => JSON.parse(JSON_LINES.line({ ...RUN, id, place }, KNOWN, EVENTS))),
    );
    assert.deepEqual(
      readFileSync(table, 'utf8').trimEnd().split('\n').slice(1),
      places.map(([id, place]) => CSV.line({ ...RUN, id, place }, KNOWN, EVENTS)),
    );
    assert.deepEqual(said, [
      '--stream: an interval of run 1 of 2, base, was left out: it is of another version of trunkline.',
      '--stream: run 2 of 2, candidate, passed on no interval; its build may be too old for that.',
    ]);
  });

  it('ask nothing of the runs where nobody wants their intervals', async () => {
    const streams = await SeriesStreams.open([], assert.fail);
    assert.equal(streams.isWanted, false);
    streams.starts({ side: null, number: 1, of: 1 });
    streams.ends();
    await streams.close();
  });

  it('read lines of a build that does not know of series', () => {
    const { side, runNumber, runsPlanned, ...older } = JSON.parse(JSON_LINES.line(RUN, KNOWN, EVENTS));
    assert.deepEqual([side, runNumber, runsPlanned], [null, null, null]);
    assert.equal(readIntervalLine(JSON.stringify(older))?.runNumber, null);
  });
});
