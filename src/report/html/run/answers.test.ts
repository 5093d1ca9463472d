/** The first screen of runs with and without groups: its figures are those of the result. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import { groupResult } from '../../run/group-result.test-suite.ts';
import { summarize } from '../../run/summary.ts';
import { PLAIN } from '../../text/palette.ts';
import { runAnswers } from './answers.ts';

/** The tiles as a reader sees them, by heading. */
function tiles(result: Result): Map<string, string> {
  const parts = runAnswers(result).text.split('<section').slice(1);
  return new Map(
    parts.map((part) => {
      const heading = /<h2[^>]*>(.*?)<\/h2>/.exec(part)?.[1] ?? '';
      const rest = part.slice(part.indexOf('</h2>'));
      return [
        heading,
        rest
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      ];
    }),
  );
}

/** A run like `fan-out`: every message goes to a group. */
function groupsOnly(): Result {
  const result = groupResult();
  const { delivery } = result.latency;
  return {
    ...result,
    integrity: { ...result.integrity, sent: 0, delivered: 0, queued: 0, rejected: 0 },
    latency: {
      ...result.latency,
      delivery: { ...delivery, count: 0, p50Micros: null, p99Micros: null, p999Micros: null, maxMicros: null },
      groupDelivery: { ...delivery, count: 50_241, p50Micros: 1761, p99Micros: 25_519, p999Micros: 39_583 },
    },
  };
}

describe('the first screen of a run', () => {
  it('has deliveries to members where all messages go to groups', () => {
    const found = tiles(groupsOnly());
    assert.ok(!found.has('Delivery, from the due time'));
    const delivery = found.get('Delivery to members of groups, from the due time') ?? '';
    assert.match(delivery, /^p50 1\.76 ms p99 25\.5 ms p99\.9 39\.6 ms, max /);
    assert.match(delivery, /50,241 deliveries/);
    assert.match(
      found.get('Complete messages per second') ?? '',
      /to groups 4\.00k\/s, delivered to members 1\.02M\/s/,
    );
    const belief = found.get('Can I believe it?') ?? '';
    assert.match(belief, /1,000 recipients = 900 delivered \+ 60 queued \+ 40 rejected/);
    assert.doesNotMatch(belief, /0 sent/);
  });

  it('has both where some messages go to groups', () => {
    const result = groupResult();
    const groupDelivery = { ...result.latency.delivery, count: 10, p50Micros: 3000, p99Micros: null };
    const found = tiles({ ...result, latency: { ...result.latency, groupDelivery } });
    assert.match(found.get('Delivery, from the due time') ?? '', /in groups: p50 3\.00 ms, p99 –/);
    const belief = found.get('Can I believe it?') ?? '';
    assert.match(belief, /sent = .* 1,000 recipients = 900 delivered/);
  });

  it('says nothing of groups where there are none', () => {
    for (const text of tiles(madeResult()).values()) assert.doesNotMatch(text, /group|members|recipients/);
  });

  it('leaves an empty row of deliveries out of the text as well', () => {
    const text = summarize(groupsOnly(), null, PLAIN);
    assert.doesNotMatch(text, /^ +delivered +–/m);
    assert.match(text, /delivered in groups +1\.76 ms/);
    assert.match(text, /integrity +no message to a single phone; those to groups are above\n/);
    const other = summarize(madeResult(), null, PLAIN);
    assert.match(other, /^ +delivered +\d/m);
  });
});
