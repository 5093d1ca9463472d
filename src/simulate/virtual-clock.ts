/** Time that stands still until it is moved: what makes a simulation repeat itself exactly. */

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
