/** How much is sent again over mobile networks, in virtual time: hardly more than what was thrown away. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NETWORK_PRESETS } from '../../scenario/keys/transport/network-keys.ts';
import { Outages } from '../../wire/outages.ts';
import type { ConnectionEvents } from '../../wire/transport.ts';
import { NETWORK_COUNTERS, NetworkCounter, type NetworkLink } from './network/network-link.ts';
import { TcpCounter } from './tcp/tcp-counters.ts';
import { type TunEnds, tunEnds } from './tun-ends.test-suite.ts';

const PHONES = 200;
const CELLS = 10;
const BYTES = 90;
const SECOND = 1e6;
const PERIOD_MICROS = 2 * SECOND;
const POLL_LIMIT = 256;
const LOST = ['lost', 'lostInBursts', 'lostInOutages', 'droppedByQueue', 'droppedForRoom'] as const;
const { roundTrip, jitter, loss, burstLoss, burst, reorder, duplicate, down, up } = NETWORK_PRESETS['3g'];
const LINK: NetworkLink = {
  roundTripMicros: roundTrip,
  jitterMicros: jitter,
  lossShare: loss,
  burstLossShare: burstLoss,
  burstMicros: burst,
  reorderedShare: reorder,
  duplicatedShare: duplicate,
  downBitsPerSecond: down,
  upBitsPerSecond: up,
};

interface World {
  readonly ends: TunEnds;
  /** Lets time pass. */
  readonly pass: (micros: number) => void;
  /** The thread of the phones gets no processor for so long, while time passes for the switch. */
  readonly stall: (micros: number) => void;
  /** Bytes of answers that phones received. */
  readonly received: () => number;
}

/** Phones that are connected and send every two seconds from now on, to a server that answers with as many bytes. */
function chattingPhones(outageMicros: number): World {
  const settings = { rowsMax: PHONES, activitiesMax: PHONES, connectingMax: PHONES };
  const outage = { atMicros: 5 * SECOND, durationMicros: outageMicros, kind: 'cells', share: 0.3 } as const;
  const outages = new Outages(1, CELLS, outageMicros === 0 ? [] : [outage]);
  const network = { links: [LINK], linkOf: new Uint8Array(PHONES), outages, packetsHeldMax: 8192, seed: 1, lane: 0 };
  const ends = tunEnds({ phones: settings, shard: settings, slots: PHONES, network });
  const { phones, shard, clock } = ends;
  const nextMicros = new Map<number, number>();
  let received = 0;
  const ofPhones: ConnectionEvents = {
    opened: (token, connection) => nextMicros.set(connection, clock.nowMicros() + (token * PERIOD_MICROS) / PHONES),
    refused: () => assert.fail('every phone connects'),
    bytes: (_token, _connection, _view, start, end) => {
      received += end - start;
      return end - start;
    },
    closed: () => assert.fail('no connection ends'),
  };
  const ofShard: ConnectionEvents = {
    ...ofPhones,
    opened: () => {},
    bytes: (_token, connection, _view, start, end) => {
      if (shard.claim(connection, end - start, 0) < 0) return 0;
      shard.commit();
      return end - start;
    },
  };
  const shardTurn = (): void => {
    shard.poll(ofShard, POLL_LIMIT);
    shard.flush();
  };
  const turn = (): void => {
    for (const [connection, micros] of nextMicros) {
      if (micros > clock.nowMicros() || phones.claim(connection, BYTES, 0) < 0) continue;
      phones.commit();
      nextMicros.set(connection, micros + PERIOD_MICROS);
    }
    phones.poll(ofPhones, POLL_LIMIT);
    phones.flush();
    shardTurn();
    ends.settle();
  };
  const pass = (micros: number): void => {
    for (const end = clock.nowMicros() + micros; clock.nowMicros() < end; ) turn();
  };
  const stall = (micros: number): void => {
    for (const end = clock.nowMicros() + micros; clock.nowMicros() < end; ends.settle()) shardTurn();
  };
  for (let token = 0; token < PHONES; token++) assert.ok(phones.connect(0, token));
  pass(5 * SECOND);
  assert.equal(nextMicros.size, PHONES);
  ends.network?.startTraffic(clock.nowMicros());
  return { ends, pass, stall, received: () => received };
}

const sentAgain = (counters: Float64Array): number => counters[TcpCounter.segmentsRetransmitted] ?? 0;

function thrownAway({ network }: TunEnds): number {
  const [link] = network?.linkCounters ?? [];
  assert.equal(link?.length, NETWORK_COUNTERS.length);
  return LOST.reduce((sum, name) => sum + (link?.[NetworkCounter[name]] ?? 0), 0);
}

describe('segments sent again on 3G', () => {
  it('are at most 1.2 for each packet thrown away, through an outage of three cells in ten', () => {
    const { ends, pass, received } = chattingPhones(30 * SECOND);
    pass(100 * SECOND);
    const again = sentAgain(ends.tcpCounters) + sentAgain(ends.shard.tcpCounters);
    const lost = thrownAway(ends);
    assert.ok(lost > 300, `${lost} packets were thrown away`);
    assert.ok(again <= 1.2 * lost, `${again} segments were sent again for ${lost} packets thrown away`);
    assert.ok(received() > 0.97 * PHONES * BYTES * 50, 'who was out has caught up');
  });

  it('are none that only the own thread was late for', () => {
    const { ends, pass, stall } = chattingPhones(0);
    const before = [sentAgain(ends.tcpCounters), thrownAway(ends)];
    for (let n = 0; n < 40; n++) {
      stall(0.4 * SECOND);
      pass(0.6 * SECOND);
    }
    const again = sentAgain(ends.tcpCounters) - (before[0] ?? 0);
    const lost = thrownAway(ends) - (before[1] ?? 0);
    assert.ok(again <= lost, `phones sent ${again} segments again for ${lost} packets thrown away both ways`);
  });
});
