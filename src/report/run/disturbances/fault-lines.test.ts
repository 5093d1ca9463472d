import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { FaultResult } from '../../../result/sections/faults-schema.ts';
import { faultsSection } from '../../html/run/disturbances/faults-section.ts';
import { faultLines } from './fault-lines.ts';

const KILL: FaultResult = {
  what: 'switch killed',
  isKill: true,
  atSeconds: 20.04,
  sessions: 1900,
  presentSeconds: 0.81,
  restoreSeconds: 0.25,
  restoredEntries: 4321,
  back50Seconds: 1.1,
  back90Seconds: 1.5,
  back99Seconds: null,
  acknowledgedSeconds: 0.9,
};
const STOP: FaultResult = {
  ...KILL,
  what: 'switch stopped for 2.00 s',
  isKill: false,
  presentSeconds: 2,
  restoreSeconds: null,
  restoredEntries: null,
  back99Seconds: 2.1,
};
const made = madeResult();
const faulty = (faults: FaultResult[], integrity: Partial<Result['integrity']> = {}): Result => ({
  ...made,
  faults,
  integrity: { ...made.integrity, lost: 3, duplicated: 0, redelivered: 12, ...integrity },
});

describe('faults of the switch', () => {
  it('are not mentioned in a run without any', () => {
    assert.deepEqual([faultLines(made), faultsSection(made)], [[], []]);
  });

  it('say in the summary when the switch and its phones were back, and what that cost', () => {
    const text = faultLines(faulty([KILL, STOP])).join('\n');
    for (const fact of [
      'switch killed at 20.0 s, with 1,900 sessions; it listened again after 0.81 s, of which its store 0.25 s (4,321 records)',
      'sessions back: 50 % 1.10 s, 90 % 1.50 s, 99 % not before the next fault; first ✓ 0.90 s',
      'switch stopped for 2.00 s at 20.0 s, with 1,900 sessions\n',
      'acknowledged and lost 3 (a kill loses messages without switch.durability=fsync), shown twice 0, delivered again and not shown 12',
    ])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
  });

  it('say what ended the wait for phones that were not back, and of no phones that none were there', () => {
    const [, killed, , stopped] = faultLines(
      faulty([
        { ...KILL, sessions: 0 },
        { ...STOP, back99Seconds: null },
      ]),
    );
    assert.equal(killed, 'sessions back: there were none; first ✓ 0.90 s');
    assert.equal(stopped, 'sessions back: 50 % 1.10 s, 90 % 1.50 s, 99 % not before the load ended; first ✓ 0.90 s');
    const [section] = faultsSection(faulty([KILL, { ...STOP, sessions: 0 }]));
    const html = section?.html.text.replace(/<\/?span[^>]*>/g, '') ?? '';
    assert.match(html, /<td>1\.50 s<\/td><td>not before the next fault<\/td>/);
    assert.match(html, /<td>0<\/td>(<td>[^<]*<\/td>){3}<td>–<\/td><td>–<\/td><td>–<\/td><td>0\.90 s<\/td>/);
  });

  it('promise nothing about messages that were not checked, and excuse no loss without a kill', () => {
    assert.match(faultLines(faulty([KILL], { isSound: null })).join('\n'), /messages lost: not checked/);
    assert.doesNotMatch(faultLines(faulty([STOP])).join('\n'), /durability/);
  });

  it('say what was lost in groups, or that it is not known', () => {
    const balance = { recipients: 9, delivered: 7, queued: 0, rejected: 0, strangers: 0, wrongRecipients: 0 };
    const sound = { ...balance, lost: 0, untold: 0, maybeRejected: 0, isSound: true };
    const textOf = (groups: Result['integrity']['groups']): string => faultLines(faulty([STOP], { groups })).join('\n');
    assert.match(textOf({ ...sound, lost: 2 }), /acknowledged and lost 3, in groups 2, shown twice 0/);
    assert.match(
      textOf({ ...sound, maybeRejected: 2 }),
      /acknowledged and lost 3, in groups not known \(2 recipients\)/,
    );
    assert.match(
      textOf({ ...sound, lost: null, untold: 1 }),
      /acknowledged and lost 3, in groups not known \(all recipients of 1 message\)/,
    );
  });

  it('that are many have one line for each kind, with the longest times', () => {
    const many = Array.from({ length: 7 }, (_, n) => ({
      ...KILL,
      back99Seconds: 2 + n,
      acknowledgedSeconds: n === 3 ? null : n,
    }));
    const text = faultLines(faulty([...many, STOP])).join('\n');
    assert.match(text, /switch killed 7 times; the longest: listening 0\.81 s, .*99 % 8\.00 s, first ✓ not each time/);
    assert.match(text, /switch stopped for 2\.00 s 1 time;/);
  });

  it('have a row each on the page', () => {
    const html = faultsSection(faulty([{ ...KILL, what: '<b>' }, STOP]))[0]?.html.text ?? '';
    assert.match(html, /&lt;b&gt;/);
    const rows = html.replace(/<\/?span[^>]*>/g, '');
    assert.match(rows, /<td>0\.81 s<\/td><td>0\.25 s<\/td><td>4,321<\/td>/);
    assert.match(rows, /switch stopped for 2\.00 s<\/th><td>20\.0 s<\/td><td>1,900<\/td><td>–</);
  });
});
