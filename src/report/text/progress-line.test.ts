/** The line per interval of a run. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ProgressFigures, progressLine } from './progress-line.ts';

const FIGURES: ProgressFigures = {
  atSeconds: 61.25,
  phase: 'measure',
  held: 1_000_000,
  loginsPerSecond: 0,
  messagesPerSecond: 98_700,
  deliveryP99Micros: 1234,
  backlogMessages: 0,
  rssBytes: 512 * 2 ** 20,
};
const line = (change: Partial<ProgressFigures>, isSimulated = false): string =>
  progressLine({ ...FIGURES, ...change }, isSimulated);

describe('the line of progress', () => {
  it('has every figure with its unit', () => {
    assert.equal(
      line({}),
      '  61.3 s  measure     1,000,000 phones      0 logins/s  98.7k messages/s  delivery p99 1.23 ms  RSS 512 MiB',
    );
  });

  it('never shows simulated phones without the word', () => {
    assert.match(line({}, true), / 1,000,000 simulated phones /);
    assert.doesNotMatch(line({}), /simulated/);
  });

  it('has a dash where nothing was delivered: 0 would be a figure', () => {
    assert.match(line({ deliveryP99Micros: null }), /delivery p99 – /);
    assert.match(line({ deliveryP99Micros: 0 }), /delivery p99 0 µs /);
  });

  it('mentions messages that are late from a thousand on', () => {
    assert.doesNotMatch(line({ backlogMessages: 999 }), /late/);
    assert.match(line({ backlogMessages: 1000 }), / {2}1\.00k late {2}RSS/);
  });

  it('keeps its columns from the first interval to the last', () => {
    const columnsOf = (text: string): number[] =>
      ['phones', 'logins/s', 'messages/s'].map((word) => text.indexOf(word));
    const first = line({ atSeconds: 0.5, phase: 'ramp', held: 7, loginsPerSecond: 999_000, messagesPerSecond: 1 });
    assert.deepEqual(columnsOf(first), columnsOf(line({})));
  });
});
