/**
 * The faults of messages that a lane has found: how many of each kind there were, in its counters, and the first few,
 * with sender and recipient. Counters tell how many; these tell where to look. The list is bounded, because one fault
 * can affect millions of messages.
 */
import { countBy } from '../../base/counters.ts';
import { DriverCounter } from '../terms/driver-counters.ts';

const COUNTERS = {
  gap: DriverCounter.pairGaps,
  duplicated: DriverCounter.pairDuplicated,
  reordered: DriverCounter.pairReordered,
  corrupted: DriverCounter.corrupted,
  stranger: DriverCounter.strangers,
} as const;

export type FindingKind = keyof typeof COUNTERS;

export interface Finding {
  readonly kind: FindingKind;
  /** A phone, or -1 if the account is not in the numbering plan. */
  readonly sender: number;
  readonly recipient: number;
  /**
   * The message's number among those of its sender in this run, as its payload says; arbitrary 32 bits if that was
   * corrupted.
   */
  readonly number: number;
}

/** Findings that are kept per lane; later ones are only counted. */
const FINDINGS_MAX = 8;

export class Findings {
  readonly list: Finding[] = [];
  readonly #counters: Float64Array;

  /** @param counters of the lane. */
  constructor(counters: Float64Array) {
    this.#counters = counters;
  }

  /** Counts a fault, or `times` faults that one message shows, and notes it. */
  count(kind: FindingKind, sender: number, recipient: number, number: number, times = 1): void {
    countBy(this.#counters, COUNTERS[kind], times);
    this.note(kind, sender, recipient, number);
  }

  /** Notes a fault that another counter has counted. */
  note(kind: FindingKind, sender: number, recipient: number, number: number): void {
    if (this.list.length < FINDINGS_MAX) this.list.push({ kind, sender, recipient, number: number >>> 0 });
  }
}
