/** Time that stands still until it is moved: what makes a simulation repeat itself exactly. */

export class VirtualClock {
  #nowMicros = 0;

  nowMicros(): number {
    return this.#nowMicros;
  }

  advance(micros: number): void {
    this.#nowMicros += micros;
  }
}
