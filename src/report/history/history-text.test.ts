import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult, noiseFactors } from '../../analysis/comparison/made-results.test-suite.ts';
import { changeHistory } from '../../analysis/history/change-history.ts';
import { PLAIN } from '../text/palette.ts';
import { historyText } from './history-text.ts';

const METRICS = ['memory.switch.bytesPerConnection', 'connections.held'];
const next = noiseFactors(4, 0.004);
const results = Array.from({ length: 24 }, (_, hour) =>
  madeResult({
    id: `run-${hour}`,
    startedAt: `2026-03-01T${String(hour).padStart(2, '0')}:00:00.000Z`,
    commit: hour < 12 ? 'a'.repeat(40) : 'b'.repeat(40),
    bytesPerConnection: (hour < 12 ? 40 : 44) * next(),
  }),
);

describe('the history as text', () => {
  it('says at which result and commit what changed, and where nothing was detected', () => {
    const lines = historyText(changeHistory(results, { seed: 1, metrics: METRICS }), PLAIN).split('\n');
    assert.match(lines[0] ?? '', /^made \(.*\) on linux-x64 Made CPU/);
    assert.equal(lines[1], '  memory.switch.bytesPerConnection: 1 change in 24 results');
    assert.match(
      lines[2] ?? '',
      /^ {4}2026-03-01T12:00:00\.000Z run-12, commit b{12}: \d\d\.\d B to 4\d\.\d B, (9|10)\.\d % more \(\+\d\.\d % … \+1\d\.\d %\): regressed$/,
    );
    assert.equal(lines[3], '  connections.held: no change detected in 24 results');
  });

  it('says what was left out, and that there was nothing', () => {
    const invalid = [madeResult({ tripped: 'steady' })];
    const text = historyText(changeHistory(invalid, { seed: 1 }), PLAIN);
    assert.equal(text, 'No valid result measured any of the metrics.\nleft out for not being valid: 1');
  });
});
