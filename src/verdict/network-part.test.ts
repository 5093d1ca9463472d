import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { networkSchema } from '../result/sections/network-schema.ts';
import { judgeGuards } from './guards/judge-guards.ts';
import { madeEvidence } from './made-evidence.test-suite.ts';
import { madeLane, madeLink, madeNetwork } from './made-network.test-suite.ts';
import { networkPart } from './network-part.ts';

const { kernel: KERNEL } = madeEvidence({ kernel: { segmentsRetransmitted: 40 } });
const LOSSY = { packets: 1000, lost: 20, lostInBursts: 10, lostInOutages: 5, droppedByQueue: 3, droppedForRoom: 2 };
const plain = madeLink('no network', {});

describe('the section about networks', () => {
  it('sums lanes by network, and networks by lane', () => {
    const roundTrips = [1000, 2000, 3000].map((micros) => ({
      link: 0,
      smoothedMicros: micros,
      shortestMicros: micros / 2,
    }));
    const links = [madeLink('3g', { ...LOSSY, delayed: 960, reordered: 7, duplicated: 4 }), plain];
    const lane = madeLane(links, 15, 0, roundTrips);
    const part = networkPart(
      madeNetwork(
        [lane, lane],
        [],
        new Map([
          ['lane-0', 6],
          ['lane-1', 0],
        ]),
      ),
      KERNEL,
    );
    assert.ok(part !== null && networkSchema.safeParse(part).success);
    assert.deepEqual(
      part.links.map(({ delivery: _, ...counts }) => counts),
      [
        {
          ...{ name: '3g', packets: 2000, lost: 40, lostInBursts: 20, lostInOutages: 10, droppedByQueue: 6 },
          ...{ droppedForRoom: 4, delayed: 1920, reordered: 14, duplicated: 8 },
          kernelRoundTrip: {
            ...{ connections: 6, smoothedP50Micros: 2000, smoothedP95Micros: 3000, shortestP50Micros: 1000 },
          },
        },
      ],
      'no line for phones without a network, of which there are none',
    );
    assert.deepEqual(
      part.lanes.map(({ name, thrownAway, queueDrops }) => [name, thrownAway, queueDrops]),
      [
        ['lane-0', 40, 6],
        ['lane-1', 40, 0],
      ],
    );
    assert.equal(part.thrownAway, 86, 'with those that found the queue of the device full');
    assert.equal(part.phonesSentAgain, 30);
    assert.equal(part.sentAgainPerThrownAway, (30 + 40) / 86);
    assert.equal(part.phonesTcp['segmentsOut'], 2000);
  });

  it('has latencies of the measured time only, and says what the kernel does not', () => {
    const before = madeLane([madeLink('edge', LOSSY, new Array(50).fill(1_000_000)), plain], 0);
    const after = madeLane(
      [
        madeLink('edge', LOSSY, [...new Array(50).fill(1_000_000), ...new Array(100).fill(2000)]),
        madeLink('no network', { packets: 1 }),
      ],
      0,
    );
    const part = networkPart(madeNetwork([after], [before], null), null);
    assert.equal(part?.links[0]?.delivery.count, 100);
    assert.ok(Number(part?.links[0]?.delivery.maxMicros) < 2100);
    assert.equal(part?.links[1]?.name, 'no network', 'where there are packets of such phones');
    assert.equal(part?.switchSentAgain, null);
    assert.match(String(part?.kernelRoundTripStatus), /no phone was connected/);
    const silent = networkPart(madeNetwork([madeLane([plain], 0, 0, null)]), null);
    assert.match(String(silent?.kernelRoundTripStatus), /does not answer/);
    assert.equal(part?.sentAgainPerThrownAway, null);
    assert.equal(part?.lanes[0]?.queueDrops, null);
    for (const one of [part, silent]) assert.ok(networkSchema.safeParse(one).success, 'a result may say so');
  });

  it('is missing over other transports', () => assert.equal(networkPart(null, KERNEL), null));
});

describe('guards on networks', () => {
  const judged = (name: string, sentAgainByKernel: number, ...lanes: Parameters<typeof madeNetwork>[0]) => {
    const network = madeNetwork(lanes);
    const made = { kernel: { segmentsRetransmitted: sentAgainByKernel }, evidence: { network, hasOwnNetwork: true } };
    return judgeGuards(madeEvidence(made)).find((guard) => guard.name === name);
  };
  const losing = (sentAgain: number) => madeLane([madeLink('3g', { packets: 1000, lost: 100 })], sentAgain);

  it('allow one and a half segments sent again for each packet thrown away, and 0.1 % of all', () => {
    assert.equal(judged('retransmission', 100, losing(60))?.verdict, 'ok', '160 of 150 + 10');
    const guard = judged('retransmission', 100, losing(61));
    assert.equal(guard?.verdict, 'invalid');
    assert.match(
      guard?.sentence ?? '',
      /phones and kernel sent 161 segments again.*100 packets away, at most 1\.5 per packet thrown away and 0\.10 %/,
    );
  });

  it('keep the limit of a network without loss where none is thrown away', () => {
    assert.equal(judged('retransmission', 10, madeLane([plain], 0))?.verdict, 'ok');
    assert.equal(judged('retransmission', 20, madeLane([plain], 0))?.verdict, 'invalid');
  });

  it('trip where a lane had no room for packets in transit', () => {
    assert.equal(judged('packets in transit', 0, losing(0))?.verdict, 'ok');
    const guard = judged('packets in transit', 0, madeLane([madeLink('3g', { droppedForRoom: 1 })], 0));
    assert.equal(guard?.verdict, 'invalid');
    assert.match(guard?.sentence ?? '', /network\.held/);
  });
});
