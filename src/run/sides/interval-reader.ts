/**
 * Reads what an interval of the time series contains besides counters, from shared memory and the kernel. It costs
 * little with any number of threads: those that the series lists are asked each time, the others in turns.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readThreadCpu } from '../../measure/thread-cpu.ts';
import { THREADS_PER_ROLE_MAX } from '../../verdict/record/interval.ts';
import type { ThreadInfo } from '../../verdict/record/run-record.ts';
import type { Bell, RunMemory } from '../worker/memory/run-memory.ts';
import type { ThreadGauges } from '../worker/memory/thread-gauges.ts';
import { IntervalPercentiles } from './interval-percentiles.ts';
import type { IntervalReading, ThreadReading } from './run-sides.ts';

/** Time in which a thread answers, unless it is stopped by its collector or has no processor. */
const ANSWER_MILLIS = 5;
/** Maximum of threads asked per interval that the series does not list. */
const OTHERS_MAX = 16;

interface AskedThread {
  readonly gauges: ThreadGauges;
  readonly bell: Bell;
  readonly isListed: boolean;
}

export class IntervalReader {
  readonly #deliveries: IntervalPercentiles;
  readonly #sendDelays: IntervalPercentiles;
  readonly #threads: readonly AskedThread[];
  readonly #others: readonly AskedThread[];
  readonly #side: 'both' | 'switch' | 'driver';
  #nextOther = 0;
  /** The reading at the end of the last interval. */
  reading: IntervalReading = {
    deliveryP50Micros: null,
    deliveryP99Micros: null,
    sendDelayP99Micros: null,
    switchLedgerBytes: null,
    driverLedgerBytes: null,
    threads: [],
  };

  /** @param side which threads are in this process. */
  constructor(memory: RunMemory, side: 'both' | 'switch' | 'driver') {
    const { shards, lanes, gateways, latencyRangeBits } = memory.buffers.shape;
    const isListed = (index: number): boolean => index < THREADS_PER_ROLE_MAX;
    const percentiles = (name: 'delivery' | 'sendDelay'): IntervalPercentiles => {
      const ofLanes = Array.from({ length: lanes }, (_, lane) => memory.latency(lane, name));
      return new IntervalPercentiles(ofLanes, latencyRangeBits);
    };
    this.#side = side;
    this.#deliveries = percentiles('delivery');
    this.#sendDelays = percentiles('sendDelay');
    this.#threads = [
      ...Array.from({ length: shards }, (_, shard) => ({
        gauges: memory.gauges(shard),
        bell: memory.shardBell(shard),
        isListed: isListed(shard),
      })),
      ...Array.from({ length: lanes }, (_, lane) => ({
        gauges: memory.gauges(shards + lane),
        bell: memory.laneBell(lane),
        isListed: isListed(lane),
      })),
      ...Array.from({ length: gateways }, (_, gateway) => ({
        gauges: memory.gauges(shards + lanes + gateway),
        bell: memory.gatewayBell(gateway),
        isListed: true,
      })),
    ];
    this.#others = this.#threads.filter((thread) => !thread.isListed);
  }

  /**
   * Ends an interval. A thread that does not answer in time is read as of its last answer, and its next interval has
   * the rest.
   * @param threads of this process, in the order shards, lanes, gateways.
   */
  async next(threads: readonly ThreadInfo[]): Promise<void> {
    for (const { gauges, bell } of this.#asked()) {
      gauges.request();
      bell.ring();
    }
    await pause(ANSWER_MILLIS);
    const [deliveryP50Micros, deliveryP99Micros] = this.#deliveries.next([50, 99] as const);
    const [sendDelayP99Micros] = this.#sendDelays.next([99] as const);
    this.reading = {
      deliveryP50Micros,
      deliveryP99Micros,
      sendDelayP99Micros,
      switchLedgerBytes: this.#side === 'driver' ? null : this.#ledgerBytes('switchLedgerBytes'),
      driverLedgerBytes: this.#side === 'switch' ? null : this.#ledgerBytes('driverLedgerBytes'),
      threads: threads.flatMap((thread, place) => this.#threadReading(thread, place)),
    };
  }

  #asked(): readonly AskedThread[] {
    const listed = this.#threads.filter((thread) => thread.isListed);
    const first = this.#nextOther < this.#others.length ? this.#nextOther : 0;
    this.#nextOther = first + OTHERS_MAX;
    return [...listed, ...this.#others.slice(first, this.#nextOther)];
  }

  #ledgerBytes(name: 'switchLedgerBytes' | 'driverLedgerBytes'): number {
    return this.#threads.reduce((sum, { gauges }) => sum + gauges.read(name), 0);
  }

  #threadReading({ name, role, threadId }: ThreadInfo, place: number): ThreadReading[] {
    const thread = this.#threads[place];
    if (thread?.isListed !== true) return [];
    return [
      {
        name,
        role,
        cpuMicros: readThreadCpu(threadId)?.cpuMicros ?? null,
        collections: thread.gauges.read('collections'),
        pauseMicros: thread.gauges.read('pauseMicros'),
      },
    ];
  }
}
