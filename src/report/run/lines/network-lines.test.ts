import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { madeResult } from '../../../analysis/comparison/made-results.test-suite.ts';
import { readFigure } from '../../../result/read-figure.ts';
import type { Result } from '../../../result/result-schema.ts';
import { parseFigure } from '../../../scenario/threshold.ts';
import { madeLane, madeLink, madeNetwork } from '../../../verdict/made-network.test-suite.ts';
import { networkPart } from '../../../verdict/network-part.ts';
import { networkSection } from '../../html/run/sections/network-section.ts';
import { networkLines } from './network-lines.ts';

const made = madeResult();
const lane = madeLane(
  [
    madeLink('3g', { packets: 1000, lost: 30, lostInBursts: 20, delayed: 950, reordered: 11, duplicated: 9 }),
    madeLink('<b>', { packets: 10, droppedForRoom: 2 }),
    madeLink('no network', {}),
  ],
  40,
  3,
  [
    { link: 0, smoothedMicros: 200_000, shortestMicros: 120_000 },
    { link: 0, smoothedMicros: 120_000, shortestMicros: 110_000 },
    { link: 1, smoothedMicros: 150_000, shortestMicros: 130_000 },
  ],
);
const network = networkPart(madeNetwork([lane], [], new Map([['lane-0', 5]])), null);
const result: Result = {
  ...made,
  network: network === null ? null : { ...network, switchSentAgain: 20, sentAgainPerThrownAway: 1 },
};

describe('networks in the report of a run', () => {
  it('are lines with what was thrown away by each, and what was sent again', () => {
    const text = networkLines(result).join('\n');
    for (const fact of [
      '3g: 1,000 packets, 50 thrown away (5.00 %), 950 delayed, 11 reordered, 9 duplicated; delivery to its phones that were online: too few',
      '60 packets thrown away in all; 60 segments sent again by phones and switch together, 1.00 per packet thrown away',
      'packets dropped by full queues of devices: 5, refused by the kernel: 3',
      'kernel of the switch: segments sent again 20, time-outs unknown',
      'round trips as it sees them: p50 150 ms, p95 195 ms, shortest p50 120 ms (3 connections; with the delay of acknowledgements)',
      "round trip of the switch's kernel p50 160 ms,",
    ])
      assert.ok(text.includes(fact), `${fact} in ${text}`);
    const counted = { outOfOrder: 3, timeouts: 0, lossProbes: 0, synCookiesSent: 7 };
    const sockets = { kernel: { counters: counted } } as unknown as Result['sockets']; // no other key is read
    assert.match(networkLines({ ...result, sockets }).join('\n'), /received out of order 3, SYN cookies sent 7\n/);
  });

  it('have tables by network and lane on the page, whatever a network is called', () => {
    const html = networkSection(result)[0]?.html.text ?? '';
    assert.match(html, /<th scope="row">3g<\/th><td>1,000<\/td><td>30<\/td><td>20<\/td>/);
    assert.match(html, /<th scope="row">lane-0<\/th><td>1,000<\/td><td>900<\/td><td>3<\/td><td>5<\/td>/);
    assert.ok(html.includes('&lt;b&gt;') && !html.includes('<b>'));
    assert.match(html, /Round trips, by the kernel of the switch: p50 150 ms/);
    assert.match(html, /160 ms<.*196 ms<.*115 ms<.*\n/, 'of the phones on 3g alone');
  });

  it('are figures that gates can name', () => {
    const figures = ['sentAgainPerThrownAway', 'thrownAway', 'droppedForRoom'].map((name) =>
      readFigure(result, parseFigure(`network.${name}`)),
    );
    assert.deepEqual(figures, [1, 60, 2]);
    assert.equal(readFigure(made, parseFigure('network.thrownAway')), null);
  });

  it('have neither lines nor a section over other transports', () => {
    assert.deepEqual([networkLines(made), networkSection(made)], [[], []]);
  });
});
