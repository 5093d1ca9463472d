/**
 * The metrics of a run in Prometheus' text format. Units follow Prometheus' conventions: seconds and bytes. A figure
 * that is not known has no sample. Label values come from users and are escaped by prom-client.
 */
import { Counter, Gauge, Registry } from 'prom-client';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import type { StreamedRun } from './stream.ts';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | null];

interface GaugeRow {
  readonly help: string;
  readonly labels: readonly string[];
  readonly samples: (interval: Interval) => readonly Sample[];
}

const MICROS = 1e6;
const seconds = (micros: number | null): number | null => (micros === null ? null : micros / MICROS);
const one = (value: number | null): readonly Sample[] => [[{}, value]];

const GAUGES: Readonly<Record<string, GaugeRow>> = {
  trunkline_phase: {
    help: 'Phase of the run, as a label; always 1',
    labels: ['phase'],
    samples: ({ phase }) => [[{ phase }, 1]],
  },
  trunkline_run_seconds: {
    help: 'Time since the start of the threads',
    labels: [],
    samples: ({ atSeconds }) => one(atSeconds),
  },
  trunkline_connections: {
    help: 'Connections held by phones that are logged in',
    labels: [],
    samples: ({ held }) => one(held),
  },
  trunkline_logins_per_second: {
    help: 'Logins accepted per second in the last interval',
    labels: [],
    samples: ({ loginsPerSecond }) => one(loginsPerSecond),
  },
  trunkline_messages_per_second: {
    help: 'Messages acknowledged per second in the last interval',
    labels: [],
    samples: ({ messagesPerSecond }) => one(messagesPerSecond),
  },
  trunkline_deliveries_per_second: {
    help: 'Messages delivered to phones per second in the last interval',
    labels: [],
    samples: ({ deliveriesPerSecond }) => one(deliveriesPerSecond),
  },
  trunkline_group_deliveries_per_second: {
    help: 'Of those, messages of groups and broadcast lists',
    labels: [],
    samples: ({ groupDeliveriesPerSecond }) => one(groupDeliveriesPerSecond),
  },
  trunkline_presence_notices_per_second: {
    help: 'Notices of presence that phones received per second in the last interval',
    labels: [],
    samples: ({ presenceNoticesPerSecond }) => one(presenceNoticesPerSecond),
  },
  trunkline_storm_drops_per_second: {
    help: 'Connections that storms ended per second in the last interval',
    labels: [],
    samples: ({ stormDropsPerSecond }) => one(stormDropsPerSecond),
  },
  trunkline_backlog_messages: {
    help: 'Messages that were due and not yet sent',
    labels: [],
    samples: ({ backlogMessages }) => one(backlogMessages),
  },
  trunkline_delivery_latency_seconds: {
    help: 'Time from when a message was due to its delivery, by quantile, in the last interval',
    labels: ['quantile'],
    samples: ({ deliveryP50Micros, deliveryP99Micros }) => [
      [{ quantile: '0.5' }, seconds(deliveryP50Micros)],
      [{ quantile: '0.99' }, seconds(deliveryP99Micros)],
    ],
  },
  trunkline_steal_ratio: {
    help: 'Processor time taken by other virtual machines, as a share of all',
    labels: [],
    samples: ({ stealShare }) => one(stealShare),
  },
  trunkline_resident_bytes: {
    help: 'Resident memory of the processes of the run, and of each side that has a process of its own',
    labels: ['part'],
    samples: ({ rssBytes, switchRssBytes, driverRssBytes }) => [
      [{ part: 'all' }, rssBytes],
      [{ part: 'switch' }, switchRssBytes],
      [{ part: 'driver' }, driverRssBytes],
    ],
  },
  trunkline_kernel_socket_bytes: {
    help: "Growth of the kernel's memory for sockets since the start of the run",
    labels: [],
    samples: ({ kernelSocketBytes }) => one(kernelSocketBytes),
  },
  trunkline_ledger_bytes: {
    help: 'Tables of each side, by their rows in use',
    labels: ['side'],
    samples: ({ switchLedgerBytes, driverLedgerBytes }) => [
      [{ side: 'switch' }, switchLedgerBytes],
      [{ side: 'driver' }, driverLedgerBytes],
    ],
  },
  trunkline_thread_busy_ratio: {
    help: 'Processor time of a thread divided by elapsed time, in the last interval',
    labels: ['thread', 'role'],
    samples: ({ threads }) => threads.map(({ name, role, busyShare }) => [{ thread: name, role }, busyShare]),
  },
};

/** The last three are empty for a run that is not part of a series. */
const RUN_LABELS = ['run', 'scenario', 'transport', 'simulated', 'side', 'number', 'of'] as const;
const THREAD = ['thread', 'role'] as const;

export class PrometheusMetrics {
  readonly #registry = new Registry();
  readonly #gauges: readonly (readonly [Gauge, GaugeRow])[];
  readonly #runInfo: Gauge<(typeof RUN_LABELS)[number]>;
  readonly #intervals: Counter;
  readonly #collections: Counter<(typeof THREAD)[number]>;
  readonly #pauses: Counter<(typeof THREAD)[number]>;
  readonly #events: Counter<'event'>;
  #text: Promise<string> | null = null;

  constructor() {
    const registers = [this.#registry];
    this.#gauges = Object.entries(GAUGES).map(([name, row]) => [
      new Gauge({ name, help: row.help, labelNames: [...row.labels], registers }),
      row,
    ]);
    this.#runInfo = new Gauge({
      name: 'trunkline_run_info',
      help: 'The run, as labels; always 1',
      labelNames: RUN_LABELS,
      registers,
    });
    this.#intervals = new Counter({ name: 'trunkline_intervals_total', help: 'Intervals so far', registers });
    this.#collections = new Counter({
      name: 'trunkline_thread_collections_total',
      help: 'Garbage collections of a thread',
      labelNames: THREAD,
      registers,
    });
    this.#pauses = new Counter({
      name: 'trunkline_thread_pause_seconds_total',
      help: 'Time for which garbage collections have stopped a thread',
      labelNames: THREAD,
      registers,
    });
    this.#events = new Counter({
      name: 'trunkline_events_total',
      help: 'Events of the run, by name',
      labelNames: ['event'],
      registers,
    });
    for (const [gauge, { labels }] of this.#gauges) {
      if (labels.length === 0) gauge.remove(); // otherwise it is 0 before the first interval
    }
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of a scrape; made once per interval, so that frequent readers take no processor time from the run. */
  text(): Promise<string> {
    this.#text ??= this.#registry.metrics();
    return this.#text;
  }

  begin({ id, scenario, transport, isSimulated, place }: StreamedRun): void {
    this.#text = null;
    this.#runInfo.reset();
    const labels = { side: place?.side ?? '', number: String(place?.number ?? ''), of: String(place?.of ?? '') };
    this.#runInfo.set({ run: id, scenario, transport, simulated: String(isSimulated), ...labels }, 1);
  }

  interval(interval: Interval, events: readonly RunEvent[]): void {
    this.#text = null;
    for (const [gauge, { labels, samples }] of this.#gauges) {
      if (labels.length > 0) gauge.reset();
      for (const [of, value] of samples(interval)) {
        if (value !== null) gauge.set(of, value);
        else if (labels.length === 0) gauge.remove();
      }
    }
    this.#intervals.inc();
    for (const { name, role, collections, pauseMicros } of interval.threads) {
      this.#collections.inc({ thread: name, role }, collections);
      this.#pauses.inc({ thread: name, role }, pauseMicros / MICROS);
    }
    for (const { name } of events) this.#events.inc({ event: name });
  }
}
