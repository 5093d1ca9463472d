/**
 * Adds up the outcomes of many seeds. A search tries thousands, in several processes that finish in any order, so only
 * sums and the first failures are kept.
 */
import type { Violation } from './checks/message-audit.ts';
import { PHONE_PHASES } from './checks/phone-phase.ts';
import { FAULT_NAMES } from './faults/fault-kinds.ts';
import type { SimulationOutcome } from './simulate.ts';

/** A seed that failed. */
export interface FailedSeed {
  readonly seed: number;
  readonly violation: Violation;
  readonly drawnFaults: number;
}

/** Failures that are kept; the others are counted. */
const FAILURES_MAX = 20;

export class SimulationSums {
  seeds = 0;
  repeated = 0;
  /** Seeds whose second run was not like the first. */
  differed = 0;
  failedSeeds = 0;
  events = 0;
  messages = 0;
  shown = 0;
  refused = 0;
  waiting = 0;
  open = 0;
  forgotten = 0;
  toGroups = 0;
  repairs = 0;
  virtualMicros = 0;
  /** Time that processors spent on runs. */
  spentMillis = 0;
  readonly failures: FailedSeed[] = [];
  readonly injected = FAULT_NAMES.map(() => 0);
  readonly coverage = FAULT_NAMES.map(() => PHONE_PHASES.map(() => 0));

  /** @param times how often the seed was run. */
  add(outcome: SimulationOutcome, spentMillis: number, times: number): void {
    this.seeds++;
    if (times > 1) this.repeated++;
    this.events += outcome.events * times;
    this.messages += outcome.messages;
    this.shown += outcome.shown;
    this.refused += outcome.refused;
    this.waiting += outcome.waiting;
    this.open += outcome.open;
    this.forgotten += outcome.forgotten;
    this.toGroups += outcome.toGroups;
    this.repairs += outcome.repairs;
    this.virtualMicros += outcome.virtualMicros * times;
    this.spentMillis += spentMillis;
    outcome.injected.forEach((count, kind) => {
      this.injected[kind] = (this.injected[kind] ?? 0) + count;
    });
    outcome.coverage.forEach((counts, kind) => {
      const row = this.coverage[kind] ?? [];
      counts.forEach((count, phase) => {
        row[phase] = (row[phase] ?? 0) + count;
      });
    });
    const [violation] = outcome.violations;
    if (violation === undefined) return;
    this.failedSeeds++;
    if (violation.check === 'replay') this.differed++; // it comes first
    if (this.failures.length >= FAILURES_MAX) return;
    this.failures.push({ seed: outcome.seed, violation, drawnFaults: outcome.faults.length });
    this.failures.sort((a, b) => a.seed - b.seed); // processes finish in any order
  }
}
