/**
 * The streams of a series: takes the intervals of its runs, which are processes of their own, and passes them on with
 * which run of the series they belong to.
 */
import { readIntervalLine } from '../../result/interval-schema.ts';
import { RunStreams, type StreamOrder } from './run-streams.ts';
import type { RunPlace } from './stream.ts';

export class SeriesStreams {
  /** Whether there is anyone to pass intervals on to. */
  readonly isWanted: boolean;
  readonly #streams: RunStreams;
  readonly #report: (text: string) => void;
  #place: RunPlace = { side: null, number: 0, of: 0 };
  /** Id of the run whose intervals come; null before its first. */
  #runId: string | null = null;
  #isUnreadableReported = false;

  private constructor(streams: RunStreams, isWanted: boolean, report: (text: string) => void) {
    this.#streams = streams;
    this.isWanted = isWanted;
    this.#report = report;
  }

  /**
   * @param report receives addresses, faults and drops, one sentence each.
   * @throws as {@link RunStreams.open}.
   */
  static async open(orders: readonly StreamOrder[], report: (text: string) => void): Promise<SeriesStreams> {
    return new SeriesStreams(await RunStreams.open(orders, report), orders.length > 0, report);
  }

  /** The following intervals are of this run. */
  starts(place: RunPlace): void {
    this.#place = place;
    this.#runId = null;
  }

  /** Passes on an interval. @param text one line of `trunkline.interval/1`, from a build that may be another one. */
  line(text: string): void {
    const line = readIntervalLine(text);
    if (line === null) {
      this.#reportUnreadable();
      return;
    }
    const { schema, run: id, scenario, transport, isSimulated, events, ...rest } = line;
    const { side, runNumber, runsPlanned, ...interval } = rest;
    if (id !== this.#runId) this.#streams.begin({ id, scenario, transport, isSimulated, place: this.#place });
    this.#runId = id;
    this.#streams.interval(interval, events);
  }

  /** The run has ended. */
  ends(): void {
    if (!this.isWanted || this.#runId !== null) return;
    this.#report(`--stream: ${this.#words()} passed on no interval; its build may be too old for that.`);
  }

  /** Ends all streams. Never rejects. */
  close(): Promise<void> {
    return this.#streams.close();
  }

  #reportUnreadable(): void {
    if (this.#isUnreadableReported) return;
    this.#isUnreadableReported = true;
    this.#report(`--stream: an interval of ${this.#words()} was left out: it is of another version of trunkline.`);
  }

  #words(): string {
    const { side, number, of } = this.#place;
    return `run ${number} of ${of}${side === null ? '' : `, ${side},`}`;
  }
}
