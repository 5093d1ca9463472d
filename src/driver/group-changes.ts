/**
 * When phones join and leave groups: two aggregate processes over the first phones of a run, as for departures. A
 * change that cannot be made when it is due (the phone is away, its window is full, or it has no group to join or
 * leave) is skipped and counted: changes wait for nothing.
 */
import { count } from '../base/counters.ts';
import { changingPhones } from './groups/changed-groups.ts';
import type { LaneGroups } from './groups/group-messages.ts';
import type { PhoneMessages } from './phone-messages.ts';
import { CellSchedule } from './schedules/cell-schedule.ts';
import type { LaneSettings } from './state/lane-settings.ts';
import { DriverCounter } from './terms/driver-counters.ts';
import type { Population } from './terms/population.ts';

/** Far from the streams of changed message rates, which count up. */
const Stream = { JOINS: 2 ** 20, LEAVES: 2 ** 20 + 1 } as const;

export class GroupChanges {
  /** When the next change is due, in elapsed time of the traffic. */
  readonly first = Float64Array.of(Number.POSITIVE_INFINITY);
  readonly #population: Population;
  readonly #counters: Float64Array;
  readonly #messages: PhoneMessages;
  readonly #joining: CellSchedule;
  readonly #leaving: CellSchedule;

  constructor(settings: LaneSettings, groups: LaneGroups, counters: Float64Array, messages: PhoneMessages) {
    const { seed, population, lane } = settings;
    const { joins, leaves } = groups;
    const phones = changingPhones(population);
    this.#population = population;
    this.#counters = counters;
    this.#messages = messages;
    const common = { seed, pacing: 'poisson', population, lane, phones } as const;
    this.#joining = new CellSchedule({ ...common, stream: Stream.JOINS, arrivals: joins });
    this.#leaving = new CellSchedule({ ...common, stream: Stream.LEAVES, arrivals: leaves });
    this.#findFirst();
  }

  /** Makes the changes that are due, at most so many of each kind. @returns how many there were. */
  doWork(untilMicros: number, eventsMax: number): number {
    if (untilMicros < (this.first[0] as number)) return 0; // its only element
    const done = this.#make(this.#joining, true, untilMicros, eventsMax);
    const all = done + this.#make(this.#leaving, false, untilMicros, eventsMax);
    this.#findFirst();
    return all;
  }

  #findFirst(): void {
    this.first[0] = Math.min(this.#joining.first[0] as number, this.#leaving.first[0] as number); // their only elements
  }

  #make(schedule: CellSchedule, joins: boolean, untilMicros: number, eventsMax: number): number {
    let done = 0;
    for (let cell = 0; cell < schedule.cells; cell++) {
      while ((schedule.times[cell] as number) <= untilMicros && done < eventsMax) {
        const row = this.#population.row(cell, schedule.offset(cell)); // a time for each cell
        if (!this.#messages.changeGroup(row, joins)) count(this.#counters, DriverCounter.groupChangesSkipped);
        schedule.advance(cell);
        done++;
      }
    }
    schedule.findFirst();
    return done;
  }
}
