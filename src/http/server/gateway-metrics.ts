/**
 * The metrics of a switch in the text format of Prometheus. Counters are read from shared memory when somebody asks;
 * only the time of each request is recorded by the thread itself.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GATEWAY_COUNTERS, GATEWAY_GAUGES } from '../../switch/gateway-counters.ts';
import { SWITCH_COUNTERS, SWITCH_GAUGES } from '../../switch/terms/switch-counters.ts';
import type { OperationName } from '../api/http-operations.ts';

/** The rows of the switch; the same arrays as long as the run lasts. */
export interface MetricRows {
  readonly shards: readonly Float64Array[];
  readonly gateway: Float64Array;
}

/** Sums modulo 2^32 mean nothing to a graph. */
const isDigest = (name: string): boolean => name.startsWith('digest');
/** From half a millisecond to the longest time that a request may wait for its answer. */
const BUCKET_SECONDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

export class GatewayMetrics {
  readonly #registry = new Registry();
  readonly #seconds: Histogram<'operation' | 'status'>;

  constructor({ shards, gateway }: MetricRows) {
    const sumOf = (place: number): number => shards.reduce((sum, row) => sum + (row[place] ?? 0), 0);
    SWITCH_COUNTERS.forEach((name, place) => {
      this.#add(`trunkline_switch_${snake(name)}`, SWITCH_GAUGES.has(name), 'Sum over all shards', () => sumOf(place));
    });
    GATEWAY_COUNTERS.forEach((name, place) => {
      if (isDigest(name)) return;
      const read = (): number => gateway[place] ?? 0;
      this.#add(`trunkline_http_${snake(name)}`, GATEWAY_GAUGES.has(name), 'Of the HTTP side', read);
    });
    this.#seconds = new Histogram({
      name: 'trunkline_http_request_seconds',
      help: 'From the header of a request to its answer',
      labelNames: ['operation', 'status'],
      buckets: BUCKET_SECONDS,
      registers: [this.#registry],
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param status none if the client left, or was told by the server itself that its request was late or broken. */
  answered(operation: OperationName | 'none', status: number | 'none', seconds: number): void {
    this.#seconds.observe({ operation, status }, seconds);
  }

  #add(name: string, isGauge: boolean, help: string, read: () => number): void {
    const registers = [this.#registry];
    if (isGauge) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
      return;
    }
    new Counter({
      name: `${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}

/** `messagesAccepted` as `messages_accepted`. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
