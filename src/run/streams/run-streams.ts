/**
 * All streams of a command. They are opened before the first run, and a fault of one while runs go on is reported once
 * and changes nothing else.
 */
import type { RunEvent } from '../../result/series-schema.ts';
import { TRANSPORTS } from '../../scenario/terms/transports.ts';
import { type Interval, roundedInterval } from '../../verdict/record/interval.ts';
import type { RunOrder } from '../phases/order/run-order.ts';
import type { RunListener } from '../phases/run-listener.ts';
import { FileStream } from './file-stream.ts';
import { CSV, JSON_LINES } from './line-format.ts';
import { StatsdStream } from './statsd-stream.ts';
import type { OnFault, Stream, StreamedRun } from './stream.ts';

/** What the user asked for; `option` is how it was written, for messages. */
export type StreamOrder =
  | { readonly kind: 'prometheus' | 'statsd'; readonly host: string; readonly port: number; readonly option: string }
  | { readonly kind: 'csv' | 'jsonl'; readonly path: string; readonly option: string };

/** What streams are told of a run. */
export function streamedRun({ id, scenario }: Pick<RunOrder, 'id' | 'scenario'>): StreamedRun {
  const { transport } = scenario.settings;
  return { id, scenario: scenario.name, transport, isSimulated: TRANSPORTS[transport].isSimulated, place: null };
}

interface OpenStream {
  readonly option: string;
  readonly stream: Stream;
  isFaultReported: boolean;
}

/** Maximum of events that wait for the end of their interval; further ones are in the result only. */
const EVENTS_WAITING_MAX = 100;

export class RunStreams {
  readonly #streams: OpenStream[] = [];
  readonly #report: (text: string) => void;
  #events: RunEvent[] = [];

  private constructor(report: (text: string) => void) {
    this.#report = report;
  }

  /**
   * @param report receives addresses, faults and drops, one sentence each.
   * @param parent passes intervals on to the process that started this one; null if none did.
   * @throws OUTPUT_UNWRITABLE, STREAM_FAILED or HOST_UNKNOWN, with all streams closed.
   */
  static async open(
    orders: readonly StreamOrder[],
    report: (text: string) => void,
    parent: Stream | null = null,
  ): Promise<RunStreams> {
    const streams = new RunStreams(report);
    if (parent !== null) streams.#streams.push({ option: 'the parent', stream: parent, isFaultReported: false });
    try {
      for (const order of orders) await streams.#open(order);
    } catch (error) {
      await streams.close();
      throw error;
    }
    return streams;
  }

  /** A listener that passes everything on to `view`, and intervals and events to all streams. */
  listenTo(run: StreamedRun, view: RunListener): RunListener {
    this.begin(run);
    this.#events = [];
    return {
      phase: (name, detail) => view.phase(name, detail),
      reading: (reading) => view.reading(reading),
      calibrated: (messagesPerSecond) => view.calibrated(messagesPerSecond),
      interval: (interval) => {
        view.interval(interval);
        const events = this.#events;
        this.#events = [];
        this.interval(interval, events);
      },
      event: (event) => {
        view.event(event);
        if (this.#events.length < EVENTS_WAITING_MAX) this.#events.push(event);
      },
    };
  }

  /** The following intervals belong to this run. */
  begin(run: StreamedRun): void {
    for (const { stream } of this.#streams) stream.begin(run);
  }

  /** Passes an interval on to all streams. @param events those since the interval before. */
  interval(interval: Interval, events: readonly RunEvent[]): void {
    const short = roundedInterval(interval);
    for (const { stream } of this.#streams) stream.interval(short, events);
  }

  /** Ends all streams, and reports what they have dropped. Never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.#streams.map(({ stream }) => stream.close()));
    for (const { option, stream } of this.#streams) {
      if (stream.dropped > 0)
        this.#report(`${option}: ${stream.dropped} intervals were dropped; the result of a run has them.`);
    }
    this.#streams.length = 0;
  }

  async #open(order: StreamOrder): Promise<void> {
    const { option } = order;
    const onFault: OnFault = (cause) => this.#fault(option, cause);
    const stream = await openStream(order, onFault, this.#report);
    this.#streams.push({ option, stream, isFaultReported: false });
  }

  #fault(option: string, cause: string): void {
    const faulty = this.#streams.find((one) => one.option === option);
    if (faulty === undefined || faulty.isFaultReported) return;
    faulty.isFaultReported = true;
    this.#report(`${option}: ${cause}. Nothing else is affected; what cannot be passed on is dropped and counted.`);
  }
}

/** Prometheus' client is loaded only if it is used, because the run may share this process. */
async function openStream(order: StreamOrder, onFault: OnFault, report: (text: string) => void): Promise<Stream> {
  const { kind, option } = order;
  switch (kind) {
    case 'csv':
      return FileStream.open(order.path, CSV, option, onFault);
    case 'jsonl':
      return FileStream.open(order.path, JSON_LINES, option, onFault);
    case 'statsd':
      return StatsdStream.open(order.host, order.port, onFault);
    case 'prometheus': {
      const { PrometheusStream } = await import('./prometheus-stream.ts');
      const stream = await PrometheusStream.open(order.host, order.port, option, onFault);
      report(`${option}: metrics are at ${stream.url}`);
      return stream;
    }
  }
}
