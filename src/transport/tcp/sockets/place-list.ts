/**
 * A stack of places of sockets. Its memory grows to the largest number that it has held at once. Few sockets end at the
 * same time, so a list as long as the table would cost memory per connection and stay almost empty. A place is in the
 * list at most once, so the table bounds it.
 */
const PLACES_MIN = 1024;

export class PlaceList {
  count = 0;
  #places = new Int32Array(PLACES_MIN);

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
