/**
 * What processes of the switch had counted before they were killed: the counters of the next one begin at zero, and a
 * run wants sums. Gauges say how things are now, so nothing is added to them.
 */
import type { ThreadCpu } from '../../measure/thread-cpu.ts';
import { SWITCH_COUNTERS, SWITCH_GAUGES } from '../../switch/terms/switch-counters.ts';
import { SocketCounter } from '../../transport/socket-counters.ts';
import { LONGEST, type LogFigureName, type StoreFigures } from '../../verdict/record/store-figures.ts';
import type { IntervalReading, ThreadReading } from './run-sides.ts';
import type { SideSample } from './side-messages.ts';

/** Figures of a store that are as of now, and those of its first start, which stand for the run. */
const STORE_NOW: readonly LogFigureName[] = ['storeBytes', 'untrackedRecords'];
const STORE_FIRST: readonly LogFigureName[] = ['restoredEntries', 'restoreBeginMicros', 'restoreMicros'];

const isGauge = (place: number): boolean => {
  const name = SWITCH_COUNTERS[place];
  return name !== undefined && SWITCH_GAUGES.has(name);
};
const isSocketGauge = (place: number): boolean => place === SocketCounter.outputWaitingBytes;

export class EarlierSwitch {
  #last: SideSample | null = null;
  #store: StoreFigures | null = null;
  #cpu: ReadonlyMap<string, ThreadCpu | null> = new Map();
  #threads: readonly ThreadReading[] = [];

  /**
   * A process has ended.
   * @param last what the run knew of it, which has all processes before it.
   * @param store likewise.
   */
  ended(last: SideSample, store: StoreFigures | null): void {
    this.#last = last;
    this.#store = store;
    this.#cpu = last.more?.cpu ?? this.#cpu;
    this.#threads = last.interval?.threads ?? this.#threads;
  }

  /** A sample of the present process with what the ones before it had counted. */
  with(sample: SideSample): SideSample {
    const last = this.#last;
    if (last === null) return sample;
    return {
      ...sample,
      counters: sums(sample.counters, last.counters, isGauge),
      sockets: sums(sample.sockets, last.sockets, isSocketGauge),
      inboxRefusals: sample.inboxRefusals + last.inboxRefusals,
      processCpuMicros: sample.processCpuMicros + last.processCpuMicros,
      interval: sample.interval === null ? null : this.#withThreads(sample.interval),
      more: sample.more === null ? null : { ...sample.more, cpu: this.#withCpu(sample.more.cpu) },
    };
  }

  /** The same for the figures of the store. */
  withStore(figures: StoreFigures | null): StoreFigures | null {
    const before = this.#store;
    if (before === null || figures === null) return figures;
    const total = (name: LogFigureName): number => {
      const [then, now] = [before.totals[name], figures.totals[name]];
      if (STORE_NOW.includes(name)) return now;
      if (STORE_FIRST.includes(name)) return then;
      return LONGEST.includes(name) ? Math.max(then, now) : then + now;
    };
    const names = Object.keys(figures.totals) as LogFigureName[];
    return {
      totals: Object.fromEntries(names.map((name) => [name, total(name)])) as StoreFigures['totals'],
      commitLatency: figures.commitLatency.map((count, n) => count + (before.commitLatency[n] ?? 0)),
    };
  }

  #withCpu(cpu: ReadonlyMap<string, ThreadCpu | null>): ReadonlyMap<string, ThreadCpu | null> {
    return new Map(
      [...cpu].map(([name, now]) => {
        const before = this.#cpu.get(name) ?? null;
        if (now === null || before === null) return [name, now];
        return [name, { cpuMicros: now.cpuMicros + before.cpuMicros, waitMicros: now.waitMicros + before.waitMicros }];
      }),
    );
  }

  #withThreads(interval: IntervalReading): IntervalReading {
    const threads = interval.threads.map((now): ThreadReading => {
      const before = this.#threads.find(({ name }) => name === now.name);
      if (before === undefined) return now;
      return {
        ...now,
        cpuMicros: now.cpuMicros === null ? null : now.cpuMicros + (before.cpuMicros ?? 0),
        collections: now.collections + before.collections,
        pauseMicros: now.pauseMicros + before.pauseMicros,
      };
    });
    return { ...interval, threads };
  }
}

function sums(now: Float64Array, before: Float64Array, isGauge: (place: number) => boolean): Float64Array {
  return now.map((count, place) => (isGauge(place) ? count : count + (before[place] ?? 0)));
}
