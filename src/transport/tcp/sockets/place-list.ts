/**
 * Places of sockets in the order of their coming, taken from the end. It grows with the most that
 * were ever in it at once: few sockets end at a time, and a list as long as the table would count
 * for every connection though hardly any of it were used.
 */
const LEAST = 1024;

export class PlaceList {
  count = 0;
  #places = new Int32Array(LEAST);

  get bytes(): number {
    return this.#places.byteLength;
  }

  at(n: number): number {
    return this.#places[n] as number; // n < count
  }

  push(place: number): void {
    if (this.count === this.#places.length) {
      const longer = new Int32Array(2 * this.count);
      longer.set(this.#places);
      this.#places = longer;
    }
    this.#places[this.count] = place;
    this.count++;
  }

  pop(): number {
    this.count--;
    return this.#places[this.count] as number; // it was not empty
  }

  clear(): void {
    this.count = 0;
  }
}
