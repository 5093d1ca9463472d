/** When each kind of input was shed, to the interval of the series. */
import type { SwitchCounterName } from '../../switch/terms/switch-counters.ts';

/** What can be shed, in the order in which it is, with its counters. */
export const SHED_KINDS = [
  { kind: 'presence', counter: 'presenceShed', micros: 'shedPresenceMicros' },
  { kind: 'typing', counter: 'typingShed', micros: 'shedTypingMicros' },
  { kind: 'readReceipts', counter: 'readReceiptsShed', micros: 'shedReadReceiptsMicros' },
  { kind: 'logins', counter: 'loginsRefusedOverloaded', micros: 'shedLoginsMicros' },
  { kind: 'messages', counter: 'rejectedOverloaded', micros: 'shedMessagesMicros' },
] as const satisfies readonly { kind: string; counter: SwitchCounterName; micros: SwitchCounterName }[];

export type ShedKindName = (typeof SHED_KINDS)[number]['kind'];

export interface ShedTime {
  readonly firstSeconds: number;
  readonly lastSeconds: number;
}

export class ShedTimes {
  readonly times = new Map<ShedKindName, ShedTime>();
  readonly #counts = new Map<ShedKindName, number>();

  /** Ends an interval of the series. @param read the value of a counter of the switch, summed over its shards. */
  interval(fromSeconds: number, toSeconds: number, read: (name: SwitchCounterName) => number): void {
    for (const { kind, counter } of SHED_KINDS) {
      const count = read(counter);
      if (count > (this.#counts.get(kind) ?? 0)) {
        const firstSeconds = this.times.get(kind)?.firstSeconds ?? fromSeconds;
        this.times.set(kind, { firstSeconds, lastSeconds: toSeconds });
      }
      this.#counts.set(kind, count);
    }
  }
}
