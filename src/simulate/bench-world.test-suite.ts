/** The world of benchmarks: settings in which messages are all the work there is, and the time that each side takes. */

import { NO_PRESENCE } from '../driver/presence/presence-load.ts';
import { retryAfter } from '../driver/retry-after.test-suite.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import type { Changes } from './small-world.test-suite.ts';
import type { World, WorldSettings } from './world/world.ts';

export interface BenchLoad {
  /** All of them log in, and stay. */
  readonly phones: number;
  readonly loginsPerSecond: number;
  readonly messagesPerSecond: number;
}

/** Settings of two lanes and two shards with this load: payloads of 64 bytes, no heartbeats, no presence. */
export function benchWorld(load: BenchLoad, { lane, shard, ...rest }: Changes = {}): WorldSettings {
  const { phones } = load;
  return {
    seed: 1,
    lanes: 2,
    shards: 2,
    phones,
    online: phones,
    ringBytes: 2 ** 20,
    inboxBytes: 2 ** 21,
    mailboxBlocks: 2 ** 18,
    turnMicros: 100,
    ...rest,
    lane: {
      contacts: 4,
      heartbeatMicros: Number.POSITIVE_INFINITY,
      sessionMicros: Number.POSITIVE_INFINITY,
      awayMicros: 1e6,
      departure: 'logout',
      logins: Arrivals.constant(load.loginsPerSecond),
      loginPacing: 'poisson',
      loginTimeoutMicros: 10e6,
      loginBackoff: retryAfter(1e6),
      loginAttempts: 5,
      messages: Arrivals.constant(load.messagesPerSecond),
      messagePacing: 'poisson',
      activePhones: phones,
      payloadBytes: 64,
      presence: NO_PRESENCE,
      inFlightPlaces: 2 ** 16,
      runTag: 1,
      isEcho: false,
      ...lane,
    },
    shard: {
      sessions: phones,
      heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      loginTimeoutMicros: 5e6,
      redeliveryMicros: 30e6,
      messagesPerAccount: 64,
      durability: VOLATILE,
      deliveryWindow: 16,
      questionsMax: 4096,
      partialFramesMax: 64,
      watchMax: 4,
      watchesMax: 2 ** 14,
      keepsWatches: false,
      inputsPerTurn: 512,
      tickMicros: 234_375,
      ...shard,
    },
  };
}

/** Milliseconds that each side has spent in its turns. */
export interface SpentMillis {
  switch: number;
  driver: number;
}

/**
 * Measures the turns of all shards and lanes of a world from now on. Its figures may be set back to 0.
 * @param nowMillis of the clock that measures.
 */
export function measureSides(world: World, nowMillis = (): number => performance.now()): SpentMillis {
  const spent: SpentMillis = { switch: 0, driver: 0 };
  const timed = (side: keyof SpentMillis, work: () => number): number => {
    const start = nowMillis();
    const done = work();
    spent[side] += nowMillis() - start;
    return done;
  };
  for (const shard of world.shards) {
    const doWork = shard.doWork.bind(shard);
    shard.doWork = (nowMicros) => timed('switch', () => doWork(nowMicros));
  }
  for (const lane of world.lanes) {
    const doWork = lane.doWork.bind(lane);
    lane.doWork = () => timed('driver', doWork);
  }
  return spent;
}
