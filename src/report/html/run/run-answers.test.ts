/** The first screen of runs with and without groups: its figures are those of the result. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import type { Result } from '../../../result/result-schema.ts';
import { groupResult } from '../../run/group-result.test-suite.ts';
import { summarize } from '../../run/summarize.ts';
import { PLAIN } from '../../text/palette.ts';
import { runAnswers } from './run-answers.ts';

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

/** A run in which no two figures are the same, so that one in the place of another is seen. */
function distinctResult(): Result {
  const made = madeResult();
  const failed = { ...made.connections.failed, refused: 3, lostOther: 4 };
  return {
    ...made,
    connections: { ...made.connections, held: 1111, wanted: 2222, peak: 3333, heldAtEnd: 4444, failed },
    throughput: {
      ...made.throughput,
      completeMessagesPerSecond: 110,
      offeredMessagesPerSecond: 220,
      deliveriesPerSecond: 330,
      loginsPerSecond: 440,
      measuredSeconds: 55.5,
    },
    latency: {
      ...made.latency,
      delivery: {
        ...made.latency.delivery,
        count: 777,
        p50Micros: 1100,
        p99Micros: 2200,
        p999Micros: 3300,
        maxMicros: 4400,
        aboveRangeCount: 5,
      },
      sendDelay: { ...made.latency.sendDelay, p50Micros: 66, p99Micros: 88 },
    },
    integrity: { ...made.integrity, lost: 6, duplicated: 7, reordered: 8 },
  };
}

describe('the first screen of a run', () => {
  it('has each figure of the result in its place', () => {
    const found = tiles(distinctResult());
    const connections = found.get('Connections held') ?? '';
    assert.match(connections, /^1,111 simulated of 2,222 wanted, peak 3,333, 4,444 at the end 7 failed$/);
    assert.match(
      found.get('Complete messages per second') ?? '',
      /^110 \/s offered 220\/s, delivered 330\/s logins 440\/s in the ramp measured for 55\.5 s$/,
    );
    assert.match(
      found.get('Delivery, from the due time') ?? '',
      /^p50 1\.10 ms p99 2\.20 ms p99\.9 3\.30 ms, max 4\.40 ms 5 above the range send delay p50 66\.0 µs, p99 88\.0 µs 777 messages$/,
    );
    assert.match(found.get('Can I believe it?') ?? '', /lost 6, duplicated 7, reordered 8/);
  });

  it('says what was not measured', () => {
    const whole = distinctResult();
    const found = tiles({
      ...whole,
      throughput: { ...whole.throughput, completeMessagesPerSecond: null, measuredSeconds: null },
      latency: { ...whole.latency, delivery: { ...whole.latency.delivery, count: 0 } },
      integrity: { ...whole.integrity, isSound: null },
    });
    assert.match(found.get('Complete messages per second') ?? '', /^– not measured .* the run was not measured$/);
    assert.match(found.get('Delivery, from the due time') ?? '', /no message was delivered while measuring/);
    assert.match(found.get('Can I believe it?') ?? '', /messages not checked: the run ended first/);
  });

  it('says how many messages p99.9 needs where there were too few', () => {
    const whole = distinctResult();
    const found = tiles({
      ...whole,
      latency: { ...whole.latency, delivery: { ...whole.latency.delivery, p999Micros: null } },
    });
    assert.match(found.get('Delivery, from the due time') ?? '', /p99\.9 – \(needs 10,000\), max 4\.40 ms/);
  });

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
