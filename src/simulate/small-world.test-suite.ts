/** Settings of a world for tests of switch and driver. */

import { NO_PRESENCE } from '../driver/presence/presence-load.ts';
import { retryAfter } from '../driver/retry-after.test-suite.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import type { WorldSettings } from './world/world.ts';

export type Changes = Partial<Omit<WorldSettings, 'lane' | 'shard'>> & {
  lane?: Partial<WorldSettings['lane']>;
  shard?: Partial<WorldSettings['shard']>;
};

/** Numbers of the plan; 1,900 of them connect unless told. */
export const PHONES = 2000;

/** Settings of a small and busy world. */
export function smallWorld({ lane, shard, ...rest }: Changes = {}): WorldSettings {
  return {
    seed: 1,
    lanes: 2,
    shards: 2,
    phones: PHONES,
    online: 1900,
    ringBytes: 2 ** 18,
    inboxBytes: 2 ** 18,
    mailboxBlocks: 2 ** 16,
    turnMicros: 100,
    ...rest,
    lane: {
      contacts: 4,
      heartbeatMicros: 500_000,
      sessionMicros: Number.POSITIVE_INFINITY,
      awayMicros: 50_000,
      departure: 'logout',
      logins: Arrivals.constant(50_000),
      loginPacing: 'poisson',
      loginTimeoutMicros: 5e6,
      loginBackoff: retryAfter(20_000),
      loginAttempts: 10,
      messages: Arrivals.constant(20_000),
      messagePacing: 'poisson',
      activePhones: PHONES,
      payloadBytes: 64,
      presence: NO_PRESENCE,
      inFlightPlaces: 2 ** 14,
      runTag: 1,
      isEcho: false,
      ...lane,
    },
    shard: {
      sessions: 4000,
      heartbeatTimeoutMicros: 2e6,
      loginTimeoutMicros: 1e6,
      redeliveryMicros: 1e6,
      messagesPerAccount: 1000,
      durability: VOLATILE,
      deliveryWindow: 8,
      questionsMax: 1024,
      partialFramesMax: 64,
      watchMax: 4,
      watchesMax: 2 ** 14,
      keepsWatches: false,
      inputsPerTurn: 512,
      tickMicros: 15_625,
      ...shard,
    },
  };
}
