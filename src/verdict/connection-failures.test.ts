import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../analysis/comparison/made-results.test-suite.ts';
import { DRIVER_COUNTERS } from '../driver/terms/driver-counters.ts';
import { summarize } from '../report/run/summarize.ts';
import { PLAIN } from '../report/text/palette.ts';
import { parseThreshold } from '../scenario/threshold.ts';
import { connectionFailures } from './connection-failures.ts';
import { judgeThresholds } from './judge-thresholds.ts';

/** Each way in which a connect, a login or a connection fails; codes of refusals are parts of one. */
const CAUSES = DRIVER_COUNTERS.filter((name) =>
  /^(connectsRefused|logins(Refused|Foreign|CutOff|TimedOut|GivenUp)|connectionsLost\w+)$/.test(name),
);

function judged(driver: Record<string, number>): { figure: number | null; passed: boolean; line: string } {
  const made = madeResult();
  const result = { ...made, connections: { ...made.connections, failed: connectionFailures(driver) } };
  const [judgement] = judgeThresholds([parseThreshold('connections.failed', 'value==0')], result);
  const line =
    summarize(result, null, PLAIN)
      .split('\n')
      .find((one) => one.startsWith('connections')) ?? '';
  return { figure: judgement?.figure ?? null, passed: judgement?.passed ?? false, line };
}

describe('failed connections', () => {
  for (const cause of CAUSES) {
    it(`are counted where the summary lists them: ${cause}`, () => {
      const { figure, passed, line } = judged({ [cause]: 703 });
      assert.deepEqual({ figure, passed }, { figure: 703, passed: false });
      assert.match(line, / 703 failed: [a-z ]+ 703$/);
    });
  }

  it('are as many as the summary lists in all', () => {
    const { figure, line } = judged(Object.fromEntries(CAUSES.map((cause, n) => [cause, 10 ** n])));
    assert.equal(
      figure,
      CAUSES.reduce((sum, _, n) => sum + 10 ** n, 0),
    );
    const [total = 0, ...listed] = [...line.slice(line.indexOf(';')).matchAll(/[\d,]+/g)].map(([text]) =>
      Number(text.replaceAll(',', '')),
    );
    assert.equal(total, figure);
    assert.equal(
      listed.reduce((sum, one) => sum + one, 0),
      total,
    );
  });

  it('are none where nothing failed', () => {
    const { figure, passed, line } = judged({ loginsAccepted: 5 });
    assert.deepEqual({ figure, passed }, { figure: 0, passed: true });
    assert.match(line, /; 0 failed$/);
  });
});
