import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { StormResult } from '../../../result/sections/storms-schema.ts';
import { stormsSection } from '../../html/run/disturbances/storms-section.ts';
import { stormLines } from './storm-lines.ts';

const STORM: StormResult = {
  what: 'share 50 %',
  notice: 'reset',
  atSeconds: 12,
  dropped: 1000,
  restored: 995,
  givenUp: 2,
  outageSeconds: null,
  riddenOut: 0,
  restored50Seconds: 0.5,
  restored90Seconds: 1.25,
  restored99Seconds: 3,
  restored999Seconds: null,
  peakLoginsPerSecond: 4000,
  deferred: 12,
  loginsRefused: 1,
  messagesRejected: 3456,
  deliveriesBefore: { count: 500, p50Micros: 900, p99Micros: 2000, p999Micros: null },
  deliveriesStayed: { count: 5, p50Micros: null, p99Micros: null, p999Micros: null },
  binSeconds: 0.1,
  logins: [0, 400, 200, 0, 395],
};
const made = madeResult();
const result: Result = { ...made, storms: [STORM], integrity: { ...made.integrity, lost: 7 } };

describe('a reconnection storm', () => {
  it('says in the summary how long phones took to return, and which did not', () => {
    const text = stormLines(result).join('\n');
    for (const fact of [
      '1,000 dropped (share 50 %, reset)',
      '50 % 0.50 s, 90 % 1.25 s, 99 % 3.00 s, 99.9 % not in this run',
      'peak 4.00k logins/s; 12 told to come back later, 2 gave up, 3 still away',
      'refused until all were back: 1 login, 3,456 messages',
      'deliveries between phones that stayed: too few; before: p50 900 µs, p99 2.00 ms',
      'logins from the storm on, 0.5 s: ',
      '7 messages lost',
    ])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
  });

  it('that was an outage counts from its end, and says who kept their connection', () => {
    const outage: StormResult = { ...STORM, notice: 'silent', outageSeconds: 30, riddenOut: 77 };
    const text = stormLines({ ...result, storms: [outage] }).join('\n');
    assert.match(text, /restored after the end of the outage: 50 % 0\.50 s/);
    assert.match(text, /77 would have noticed only after the outage, and kept their connection/);
    assert.doesNotMatch(stormLines(result).join('\n'), /outage/);
    const html = stormsSection({ ...result, storms: [STORM, outage] })[0]?.html.text ?? '';
    assert.match(html, /phones that kept their connection<\/th><td>0<\/td><td>77</);
  });

  it('that another one follows says that its peak is that until then', () => {
    const lines = stormLines({ ...result, storms: [STORM, { ...STORM, peakLoginsPerSecond: 200 }] });
    const peaks = lines.flatMap((line) => /^peak .* logins\/s[^;]*/.exec(line) ?? []);
    assert.deepEqual(peaks, ['peak 4.00k logins/s until the next storm', 'peak 200 logins/s']);
    const html = stormsSection(result)[0]?.html.text ?? '';
    assert.match(html, /The peak is that of all logins from then to the next storm, in the first minute at most\./);
  });

  it('says nothing of refusals where an older result does not know them, which is not 0', () => {
    const older: StormResult = { ...STORM, loginsRefused: null, messagesRejected: null };
    assert.doesNotMatch(stormLines({ ...result, storms: [older] }).join('\n'), /refused/);
    const html = stormsSection({ ...result, storms: [older, STORM] })[0]?.html.text ?? '';
    assert.match(html, /logins refused<\/th><td>–<\/td><td>1</);
    assert.match(html, /messages refused<\/th><td>–<\/td><td>3,456</);
  });

  it('has a section with a column per storm on the page', () => {
    const silent: StormResult = { ...STORM, what: '<b>', notice: 'silent', dropped: 2000, logins: [] };
    const html = stormsSection({ ...result, storms: [STORM, silent] })[0]?.html.text ?? '';
    assert.match(html, /connections dropped<\/th><td>1,000<\/td><td>2,000</);
    assert.match(html, /99\.9 % restored after<\/th><td>not in this run<\/td><td>not in this run</);
    assert.match(html, /<th scope="row">0\.1 s<\/th><td>4\.00k</, 'logins of a bin, as a rate');
    assert.match(html, /&lt;b&gt;, silent/);
  });

  it('has neither lines nor a section without storms', () => {
    assert.deepEqual([stormLines(made), stormsSection(made)], [[], []]);
  });
});
