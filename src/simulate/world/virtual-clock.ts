/** A clock that moves only when it is told to, so that a simulation can be repeated exactly. */

export class VirtualClock {
  #nowMicros = 0;

  nowMicros(): number {
    return this.#nowMicros;
  }

  tell(into: Float64Array): void {
    into[0] = this.#nowMicros;
  }

  advance(micros: number): void {
    this.#nowMicros += micros;
  }
}
