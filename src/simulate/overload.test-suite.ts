/** A world whose shards are the bottleneck, so that it can be overloaded at any scale. */
import { Arrivals } from '../driver/terms/arrivals.ts';
import { type Changes, smallWorld } from './small-world.test-suite.ts';
import { World } from './world/world.ts';

const SHARDS = 2;
const PHONES = 500;
const WORK_MICROS = 500;
/** Messages per second that the shards can do the work for. */
export const CAPACITY = (SHARDS * 1e6) / WORK_MICROS;
/** A delivery within this time of its due time counts as goodput. */
const GOOD_MICROS = 500_000;
const SETTLE_MICROS = 300_000;
const MEASURE_MICROS = 1e6;

export interface OverloadFigures {
  readonly world: World;
  /** Messages per second that were delivered in time. */
  readonly goodput: number;
  /** Latencies of deliveries while measuring, in microseconds, ascending. */
  readonly latencies: readonly number[];
}

/** Measures a world that is offered this multiple of its capacity. */
export function runOverload(multiple: number, changes: Changes = {}): OverloadFigures {
  const latencies: number[] = [];
  const nothing = { record: () => {} };
  const { shard, lane, ...rest } = changes;
  const world = new World(
    smallWorld({
      shards: SHARDS,
      phones: PHONES,
      online: PHONES,
      turnMicros: 250,
      workMicrosPerMessage: WORK_MICROS,
      latencies: {
        login: nothing,
        acknowledgement: nothing,
        delivery: { record: (micros) => latencies.push(micros) },
        storedDelivery: nothing,
        receipt: nothing,
        groupDelivery: nothing,
        presence: nothing,
        sendDelay: nothing,
      },
      ...rest,
      lane: { activePhones: PHONES, messages: Arrivals.constant(multiple * CAPACITY), ...lane },
      shard: { sessions: PHONES, ...shard },
    }),
  );
  world.openLogins();
  world.runUntil(() => world.driver('held') === PHONES, 5e6);
  world.startTraffic();
  world.runFor(SETTLE_MICROS);
  latencies.length = 0;
  world.runFor(MEASURE_MICROS);
  const measured = latencies.slice().sort((a, b) => a - b);
  const inTime = measured.filter((micros) => micros <= GOOD_MICROS).length;
  return { world, goodput: inTime / (MEASURE_MICROS / 1e6), latencies: measured };
}
