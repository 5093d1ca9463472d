/** The ends of a thread over memory: its rings, and its sleep on a word in shared memory. */
import { DEFAULT_SLACK_MICROS } from '../../../measure/set-timer-slack.ts';

import type { RunPlan } from '../../../plan/run-plan.ts';
import { keepsWatches } from '../../../plan/sizes/watches-per-shard.ts';
import { sessionWords } from '../../../switch/tables/session-table.ts';
import { MemoryPhoneTransport } from '../../../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../../../transport/memory/memory-switch-transport.ts';
import { hugePageMemory } from '../memory/huge-page-memory.ts';
import type { RunMemory } from '../memory/run-memory.ts';
import { napper, runReactor } from '../reactors/run-reactor.ts';
import type { PhoneEnd, SwitchEnd, ThreadLoop, ThreadPlace } from '../thread/thread-end.ts';

export function makeMemorySwitchEnd({ plan, memory, index }: ThreadPlace): SwitchEnd {
  const bells = Array.from({ length: plan.shape.lanes }, (_, lane) => memory.laneBell(lane));
  const transport = new MemorySwitchTransport(
    memory.rings(),
    index,
    plan.sessionsPerShard,
    (lane) => bells[lane]?.ring(),
    hugePageMemory(plan.settings.memory.pages),
    sessionWords(keepsWatches(plan)),
  );
  return {
    transport,
    loop: memoryLoop(plan, memory, index, 0),
    ledger: () => transport.ledger(),
    command: () => null,
    close: () => {},
  };
}

export function makeMemoryPhoneEnd({ plan, memory, index }: ThreadPlace): PhoneEnd {
  const bells = Array.from({ length: plan.shape.shards }, (_, shard) => memory.shardBell(shard));
  return {
    transport: new MemoryPhoneTransport(memory.rings(), index, (shard) => bells[shard]?.ring()),
    loop: memoryLoop(plan, memory, plan.shape.shards + index, DEFAULT_SLACK_MICROS),
    ledger: () => [],
    command: () => null,
    close: () => {},
  };
}

/** @param extraNapMicros time by which its naps last longer than requested (see {@link DEFAULT_SLACK_MICROS}). */
function memoryLoop(plan: RunPlan, memory: RunMemory, thread: number, extraNapMicros: number): ThreadLoop {
  const { spins, nap, park } = plan.settings.idle;
  const bell = memory.doorbell(thread);
  const napMicros = nap + extraNapMicros;
  const sleeper = {
    sleep: (hasWork: () => boolean, micros: number) => bell.park(hasWork, micros / 1000),
    nap: napper(napMicros),
  };
  return (reactor, pollCommands, stopped) =>
    runReactor(reactor, sleeper, { spins, napMicros, parkMicros: park }, pollCommands, stopped);
}
