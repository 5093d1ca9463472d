/** A short simulation with groups and lists, whose members come and go while shards crash. */
import { Arrivals } from '../driver/terms/arrivals.ts';
import { GroupPlan } from '../wire/group-plan.ts';
import type { SimulationSettings } from './simulate.ts';
import { ALL_FAULTS, smallSimulation } from './small-simulation.test-suite.ts';

const GROUPS = 12;
const LISTS = 6;

/** All faults but that phones forget what they have sent to groups. */
export const GROUP_FAULTS = { ...ALL_FAULTS, phonesForget: 0 };

export function groupSimulation(changes: Partial<SimulationSettings> = {}): SimulationSettings {
  const small = smallSimulation();
  const { phones } = small.world;
  const sizes = { median: 14, sigma: 0.5, max: 30 };
  const plan = new GroupPlan({ seed: 3, firstAccount: phones, groups: GROUPS, lists: LISTS, phones, sizes });
  const changesOf = { joins: Arrivals.constant(400), leaves: Arrivals.constant(400) };
  return {
    ...small,
    world: {
      ...small.world,
      mailboxBlocks: 2 ** 15,
      lane: {
        ...small.world.lane,
        messages: Arrivals.constant(4000),
        groups: { plan, shares: { groups: 0.4, lists: 0.5 }, ...changesOf },
      },
      shard: {
        ...small.world.shard,
        messagesPerAccount: 4096,
        groups: { plan, queueMax: 256, recentMax: 4096, changesMax: 4096 },
      },
    },
    rates: GROUP_FAULTS,
    ...changes,
  };
}
