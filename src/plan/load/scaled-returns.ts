/**
 * How many phones are to come back where all rates of a run change together: sessions and absences pass faster or more
 * slowly, and so does the time in which their plan counts returns.
 */
import type { IntendedReturns } from './intended-returns.ts';

/** Length of a plan of returns, from the start of traffic on. After it they go on as at its end. */
export const RETURNS_PLANNED_MICROS = 900e6;
/** Over which the rate at the end of the plan is taken. */
const END_MICROS = 100e6;

export class ScaledReturns {
  readonly #returns: IntendedReturns;
  #speed = { factor: 1, atMicros: 0, passedMicros: 0 };

  /** @param startMicros start of traffic, on the clock of all other times. */
  constructor(returns: IntendedReturns, startMicros: number) {
    this.#returns = returns;
    this.#speed.atMicros = startMicros;
  }

  /** From a time on, sessions and absences pass `factor` times as fast as the scenario says. */
  changeSpeed(factor: number, atMicros: number): void {
    this.#speed = { factor, atMicros, passedMicros: this.#passedBy(atMicros) };
  }

  /** Mean from one time to another, both after the last change of speed. */
  perSecond(fromMicros: number, toMicros: number): number {
    return ((this.#countBy(toMicros) - this.#countBy(fromMicros)) * 1e6) / (toMicros - fromMicros);
  }

  #countBy(micros: number): number {
    const passed = this.#passedBy(micros);
    const end = this.#returns.countAt(RETURNS_PLANNED_MICROS);
    if (passed <= RETURNS_PLANNED_MICROS) return this.#returns.countAt(passed);
    const perMicro = (end - this.#returns.countAt(RETURNS_PLANNED_MICROS - END_MICROS)) / END_MICROS;
    return end + (passed - RETURNS_PLANNED_MICROS) * perMicro;
  }

  #passedBy(micros: number): number {
    const { factor, atMicros, passedMicros } = this.#speed;
    return passedMicros + Math.max(0, micros - atMicros) * factor;
  }
}
