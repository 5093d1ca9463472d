/**
 * When a cell has its next event and which of its phones has it, where phones are in zones whose rates differ.
 *
 * The rate of a cell is the sum over zones of the share of the zone's phones that are in the cell, times the rate of the
 * zone. All zones have the same stages, in each of which a rate is linear, so the rate of a cell is linear there as
 * well: the time of its n-th event is found as in {@link Arrivals}, from sums over zones that are made when they are
 * needed. Tables for each cell would be large where a run has many days.
 *
 * The event falls to a zone in proportion to the rates of the zones in the cell at that time, and there to each phone
 * alike. So each phone has events at the rate of its zone, and all zones together have the sum, however unevenly cells
 * divide them: with two countries of equal shares each cell has phones of one country only.
 *
 * The zones of a cell's phones repeat after {@link PERIOD} of them, and so do the tables that find the n-th phone of a
 * zone. Where a zone has no phone at all, all phones have its events: otherwise the sum would lack them.
 */
import { assert } from '../../base/assert.ts';
import { nextBelow, nextRandom } from '../../base/pseudo-random.ts';
import { ROUND_TURNS } from '../../wire/block-order.ts';
import { CELLS, type Population } from '../terms/population.ts';
import type { ZoneArrivals } from '../terms/zone-arrivals.ts';

/** After so many phones of a cell, each a step of {@link CELLS} behind the one before, rounds begin at the same place. */
const PERIOD = 125;

export class CellZones {
  readonly #zones: number;
  readonly #starts: Float64Array;
  /** By stage, and in each by zone: count and rate at its start, and the slope of the rate. */
  readonly #counts: Float64Array;
  readonly #rates: Float64Array;
  readonly #slopes: Float64Array;
  /** By cell, and in each by zone: by which the count of the zone is multiplied in the position of the cell. */
  readonly #weights: Float64Array;
  /** By cell, and in each by zone: number of phones that take part. */
  readonly #members: Int32Array;
  /** By cell, and in each by zone: where its offsets begin, and behind the last where they end. */
  readonly #firsts: Int32Array;
  /** The offsets below {@link PERIOD} of the phones of a zone in a cell. */
  readonly #offsets: Uint8Array;
  /** For each cell: number of phones that take part. */
  readonly #bounds: Int32Array;
  /** The stage in which the last time was found. */
  readonly #stage = new Int32Array(1);
  /** A sum for each zone while one is drawn, or the counts of the zones at a time. */
  readonly #sums: Float64Array;

  /** @param phones number of phones that take part: phones 0 to `phones` - 1. */
  constructor({ shares, arrivals, zoneOf }: ZoneArrivals, population: Population, lane: number, phones: number) {
    assert(zoneOf.length === ROUND_TURNS && (PERIOD * CELLS) % ROUND_TURNS === 0, 'zones repeat within a cell');
    const tables = arrivals.map(({ stages }) => stages);
    const zones = tables.length;
    this.#zones = zones;
    this.#starts = tables[0]?.starts ?? new Float64Array(1);
    for (const { starts } of tables)
      assert(starts.length === this.#starts.length, 'the arrivals of all zones have the same stages');
    const byStage = (columns: readonly Float64Array[]): Float64Array =>
      Float64Array.from(
        { length: this.#starts.length * zones },
        (_, n) => columns[n % zones]?.[Math.floor(n / zones)] ?? 0,
      );
    this.#counts = byStage(tables.map(({ counts }) => counts));
    this.#rates = byStage(tables.map(({ rates }) => rates));
    this.#slopes = byStage(tables.map(({ slopes }) => slopes));
    this.#sums = new Float64Array(zones);
    const cells = population.cellsOf(lane);
    this.#weights = new Float64Array(cells * zones);
    this.#members = new Int32Array(cells * zones);
    this.#firsts = new Int32Array(cells * zones + 1);
    this.#bounds = Int32Array.from({ length: cells }, (_, c) =>
      population.offsetsBelow(phones, population.cell(lane, c)),
    );
    const phonesOf = phonesOfZones(zoneOf, zones, phones);
    const offsets: number[] = [];
    for (let at = 0; at < cells * zones; at++) {
      const zone = at % zones;
      const bound = this.#bounds[Math.floor(at / zones)] as number; // a cell
      const cell = population.cell(lane, Math.floor(at / zones));
      const isEmpty = phonesOf[zone] === 0;
      let members = 0;
      for (let offset = 0; offset < PERIOD; offset++) {
        if (!isEmpty && zoneOf[(offset * CELLS + cell) % ROUND_TURNS] !== zone) continue;
        offsets.push(offset);
        members += Math.max(0, Math.ceil((bound - offset) / PERIOD));
      }
      const ofZone = members / (isEmpty ? phones : (phonesOf[zone] as number));
      this.#members[at] = members;
      this.#weights[at] = bound === 0 ? 0 : ((shares[zone] ?? 0) * ofZone * phones) / bound;
      this.#firsts[at + 1] = offsets.length;
    }
    this.#offsets = Uint8Array.from(offsets);
  }

  /**
   * Stores the time in `times[cell]` at which as many events as `positions[cell]` are expected in all cells, if all had
   * the zones of this one; Infinity if there never are.
   */
  putTimeOf(positions: Float64Array, times: Float64Array, cell: number): void {
    const zones = this.#zones;
    const weights = this.#weights;
    const counts = this.#counts;
    const first = cell * zones;
    const position = positions[cell] as number; // the cell is inside both
    let stage = 0;
    let beyond = this.#starts.length;
    while (beyond - stage > 1) {
      const middle = (stage + beyond) >> 1;
      let count = 0;
      for (let zone = 0; zone < zones; zone++)
        count += (weights[first + zone] as number) * (counts[middle * zones + zone] as number); // zones of a stage, here and below
      if (count > position)
        beyond = middle; // stage < middle < beyond
      else stage = middle;
    }
    let missing = position;
    let rate = 0;
    let slope = 0;
    for (let zone = 0; zone < zones; zone++) {
      const weight = weights[first + zone] as number;
      missing -= weight * (counts[stage * zones + zone] as number);
      rate += weight * (this.#rates[stage * zones + zone] as number);
      slope += weight * (this.#slopes[stage * zones + zone] as number);
    }
    this.#stage[0] = stage;
    const start = this.#starts[stage] as number; // a stage
    if (missing <= 0) times[cell] = start;
    else if (slope === 0) times[cell] = rate > 0 ? start + missing / rate : Number.POSITIVE_INFINITY;
    else times[cell] = start + (2 * missing) / (rate + Math.sqrt(Math.max(0, rate * rate + 2 * slope * missing)));
  }

  /** Draws the offset of the phone that has the event whose time {@link putTimeOf} has just stored. */
  drawOffset(random: Int32Array, state: number, times: Float64Array, cell: number): number {
    const zones = this.#zones;
    const sums = this.#sums;
    const first = cell * zones;
    const stage = this.#stage[0] as number; // its only element
    const since = (times[cell] as number) - (this.#starts[stage] as number); // a cell, and a stage
    if (since === Number.POSITIVE_INFINITY) return 0;
    let sum = 0;
    for (let zone = 0; zone < zones; zone++) {
      const at = stage * zones + zone; // a zone of a stage
      const rate = Math.max(0, (this.#rates[at] as number) + since * (this.#slopes[at] as number));
      sum += rate * (this.#weights[first + zone] as number);
      sums[zone] = sum;
    }
    const drawn = (nextRandom(random, state) >>> 0) * (sum / 2 ** 32);
    let zone = 0;
    while (zone < zones - 1 && (sums[zone] as number) <= drawn) zone++;
    const members = this.#members[first + zone] as number;
    // No zone has a rate at the very moment at which all pass through zero.
    if (members === 0) return nextBelow(random, state, this.#bounds[cell] as number);
    const member = nextBelow(random, state, members);
    const begin = this.#firsts[first + zone] as number;
    const inPeriod = (this.#firsts[first + zone + 1] as number) - begin;
    const period = Math.floor(member / inPeriod);
    return period * PERIOD + (this.#offsets[begin + member - period * inPeriod] as number);
  }

  /** Sets the time for {@link positionOf}. */
  lookAt(elapsedMicros: number): void {
    let stage = this.#starts.length - 1;
    while (stage > 0 && (this.#starts[stage] as number) > elapsedMicros) stage--;
    const since = Math.max(0, elapsedMicros - (this.#starts[stage] as number)); // a stage
    for (let zone = 0; zone < this.#zones; zone++) {
      const at = stage * this.#zones + zone;
      const rate = (this.#rates[at] as number) + (since * (this.#slopes[at] as number)) / 2;
      this.#sums[zone] = (this.#counts[at] as number) + since * rate;
    }
  }

  /** The position of a cell at the time of {@link lookAt}: see {@link putTimeOf}. */
  positionOf(cell: number): number {
    let position = 0;
    for (let zone = 0; zone < this.#zones; zone++)
      position += (this.#weights[cell * this.#zones + zone] as number) * (this.#sums[zone] as number); // a zone
    return position;
  }
}

/** How many of the phones 0 to `phones` - 1 are in each zone. */
function phonesOfZones(zoneOf: Uint8Array, zones: number, phones: number): number[] {
  const counts = new Array<number>(zones).fill(0);
  zoneOf.forEach((zone, place) => {
    counts[zone] = (counts[zone] ?? 0) + Math.max(0, Math.ceil((phones - place) / ROUND_TURNS));
  });
  return counts;
}
