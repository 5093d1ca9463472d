import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { PLAIN } from '../../report/text/palette.ts';
import { RunPace } from './run-pace.ts';
import { type SeriesProgress, seriesFrame } from './series-frame.ts';
import { cellsOf } from './styled-line.ts';

const PROGRESS: SeriesProgress = {
  now: 'run 7 of 20: candidate, block 4',
  runs: { ended: 6, all: 20 },
  estimate: [
    'cpu.switchMicrosPerMessage: −1.2 % (too few pairs for an interval), 3 valid pairs',
    'connections.held: 0.0 %',
  ],
};
const TIMES = { runSeconds: 4, leftSeconds: 130 };

describe('a frame of a series', () => {
  it('has the run, the time that is left, how many have ended and the estimate so far', () => {
    assert.deepEqual(seriesFrame('gate', PROGRESS, TIMES, { columns: 100, rows: 24 }, PLAIN, 'q ends'), [
      'gate     run 7 of 20: candidate, block 4 · for 4 s · about 2 min 10 s left',
      'runs     ████████████──────────────────────────── 6 of 20',
      'so far   cpu.switchMicrosPerMessage: −1.2 % (too few pairs for an interval), 3 valid pairs',
      '         connections.held: 0.0 %',
      '         q ends',
    ]);
  });

  it('has no time before a run has ended, and no number of trials, which is not known', () => {
    const progress = { now: 'trial 3: 20,000 messages/s', runs: null, estimate: [] };
    assert.deepEqual(
      seriesFrame('capacity', progress, { runSeconds: 2, leftSeconds: null }, { columns: 50, rows: 10 }, PLAIN, ''),
      ['trial 3: 20,000 messages/s · for 2 s'],
    );
  });

  it('says that a number of runs is an estimate', () => {
    const progress = { now: 'trial 4', runs: { ended: 3, all: 17, isEstimate: true }, estimate: [] };
    const [, runs] = seriesFrame('capacity', progress, TIMES, { columns: 80, rows: 9 }, PLAIN, '');
    assert.match(runs ?? '', /^runs {5}█+─+ 3 of about 17$/);
  });

  it('is never wider or higher than the terminal, whatever a rung is called', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 12 }),
        fc.string({ unit: 'binary' }),
        (columns, rows, text) => {
          const progress = { now: text, runs: { ended: 3, all: 3 }, estimate: [text, text] };
          const lines = seriesFrame(text.slice(0, 5), progress, TIMES, { columns, rows }, PLAIN, text);
          assert.ok(lines.length <= Math.max(0, rows - 1));
          for (const line of lines) {
            assert.ok(cellsOf(line) <= columns, line);
            assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}]/u);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the pace of a series', () => {
  it('is the mean of the runs that have ended, less what the current one has taken', () => {
    const pace = new RunPace();
    pace.end(0); // nothing has started
    pace.start(0);
    assert.equal(pace.leftSeconds(4, 5), null);
    pace.start(10); // which ends the one before
    pace.end(30);
    assert.equal(pace.leftSeconds(2, 35), 30);
    pace.start(40);
    assert.equal(pace.leftSeconds(2, 44), 26);
    assert.equal(pace.leftSeconds(1, 1000), 0, 'a run that takes longer than the others does not make it negative');
  });

  it('does not take phases before the first run for runs', () => {
    const pace = new RunPace();
    const phase = { now: 'ramp', runs: null, estimate: [] };
    pace.follow(phase, 0);
    assert.equal(pace.seriesLeftSeconds(phase, 0, 30), null);
    const trial = { now: 'trial', runs: { ended: 0, all: 4 }, otherSeconds: 60, estimate: [] };
    pace.follow(trial, 30);
    assert.equal(pace.seriesLeftSeconds(trial, 30, 31), null, 'no trial has ended');
    pace.follow({ ...trial, runs: { ended: 1, all: 4 } }, 33);
    assert.equal(pace.seriesLeftSeconds({ ...trial, runs: { ended: 1, all: 4 } }, 33, 34), 2 + 3 + 3 + 60);
    const last = { now: 'confirming run', runs: null, otherSeconds: 60, estimate: [] };
    pace.follow(last, 42);
    assert.equal(pace.seriesLeftSeconds(last, 42, 52), 50);
    assert.equal(pace.seriesLeftSeconds(last, 42, 300), 0);
  });
});
