/**
 * An open load by autocannon: requests are due at constant intervals, whatever the server does, and every latency
 * counts from the intended time.
 *
 * autocannon itself is a closed load. With a rate, each of its connections sends its share of a second one after the
 * other and then pauses until the next second, and its correction of latencies (`recordValueWithExpectedInterval`)
 * takes `Math.ceil(1 / rate)` for an interval in milliseconds, although that is in seconds: 1 ms for every rate. So its
 * latencies are not used. Its connections, parser and errors are; a client that is ready for its next request gets one
 * when it is due. With all connections busy a request waits, and its latency includes that.
 */
import autocannon from 'autocannon';
import type { Clock } from '../../base/clock.ts';
import { count, countBy } from '../../base/counters.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import type { Histogram } from '../../stats/histogram.ts';
import type { NumberingPlan } from '../../wire/numbering-plan.ts';
import { AnsweredMessages } from './answered-messages.ts';
import { HttpLoadCounter } from './http-load-counters.ts';

/**
 * What is used of a client of autocannon besides its published type. Its version is pinned, and a test looks for it.
 */
interface PacedClient extends autocannon.Client {
  /** Sends the next request; called by the client itself when it connects and after each answer. */
  _doRequest: () => void;
}

export interface PacedRequestsSettings {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly ratePerSecond: number;
  readonly textBytes: number;
  readonly recipients: number;
  readonly seed: number;
}

export interface PacedRequestsParts {
  readonly plan: NumberingPlan;
  readonly clock: Clock;
  readonly counters: Float64Array;
  readonly latency: Histogram;
  readonly sendDelay: Histogram;
}

/** Long enough for any run, and the longest that a timer of Node can wait. */
const DURATION_SECONDS = 2 ** 31 / 1000 - 1;
/** A request without an answer in this time ends its connection: more than the switch takes in any case. */
const TIMEOUT_SECONDS = 60;
/** Resolution of the schedule: that of Node's timers. */
const TICK_MILLIS = 1;
/** Stream of random numbers, apart from those of lanes. */
const STREAM = 0x48545450;

export class PacedRequests {
  readonly #settings: PacedRequestsSettings;
  readonly #parts: PacedRequestsParts;
  readonly #text: string;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);
  /** Clients without an open request. There are as many as connections, here and below. */
  readonly #idle: PacedClient[] = [];
  /** When the open request of a busy client was due. */
  readonly #dueMicros = new Map<PacedClient, number>();
  readonly #send = new Map<PacedClient, () => void>();
  readonly #instance: autocannon.Instance;
  #timer: NodeJS.Timeout | undefined;
  #startMicros = Number.POSITIVE_INFINITY;
  #isPaused = false;
  #next = 0;

  constructor(settings: PacedRequestsSettings, parts: PacedRequestsParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#text = 'x'.repeat(settings.textBytes);
    seedRandom(this.#random, 0, settings.seed, STREAM);
    const messages = new AnsweredMessages(parts.plan, parts.counters);
    const done = (): void => {}; // with a callback it makes no promise
    const options: autocannon.Options = {
      url: settings.url,
      connections: settings.connections,
      duration: DURATION_SECONDS,
      timeout: TIMEOUT_SECONDS,
      method: 'POST',
      requests: [{ onResponse: (status, body) => messages.add(status, body) }],
      headers: { authorization: `Bearer ${settings.token}`, 'content-type': 'application/json' },
      setupClient: (client) => this.#adopt(client as PacedClient), // see there
    };
    this.#instance = autocannon(options, done);
  }

  /** Requests sent and not answered. */
  get open(): number {
    return this.#dueMicros.size;
  }

  /** Requests are due from this time on. */
  start(startMicros: number): void {
    this.#startMicros = startMicros;
    this.#tick();
  }

  /** No request is due from now on until {@link resume}; answers still come. */
  pause(): void {
    this.#isPaused = true;
  }

  /** What was not yet due before the pause is due later by its length. */
  resume(pausedMicros: number): void {
    this.#isPaused = false;
    this.#startMicros += pausedMicros;
  }

  /** No further request is due. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#startMicros = Number.POSITIVE_INFINITY;
  }

  /** Ends all connections, within a second. */
  end(): void {
    this.stop();
    this.#instance.stop?.();
  }

  #tick(): void {
    this.#pump();
    this.#timer = setTimeout(() => this.#tick(), TICK_MILLIS);
  }

  /** Sends what is due, as long as a client is idle. */
  #pump(): void {
    const { clock, counters, sendDelay } = this.#parts;
    const { ratePerSecond } = this.#settings;
    const nowMicros = clock.nowMicros();
    if (this.#isPaused || nowMicros < this.#startMicros) return;
    counters[HttpLoadCounter.due] = Math.floor(((nowMicros - this.#startMicros) * ratePerSecond) / 1e6) + 1;
    for (;;) {
      const dueMicros = this.#startMicros + (this.#next * 1e6) / ratePerSecond;
      if (dueMicros > nowMicros) return;
      const client = this.#idle.pop();
      if (client === undefined) return;
      this.#next++;
      sendDelay.record(nowMicros - dueMicros);
      this.#request(client, dueMicros);
    }
  }

  #request(client: PacedClient, dueMicros: number): void {
    const { counters, plan } = this.#parts;
    const to = plan.numberOf(nextBelow(this.#random, 0, this.#settings.recipients));
    client.setBody(`{"to":"${to}","body":"${this.#text}","dueMicros":${Math.floor(dueMicros)}}`);
    this.#dueMicros.set(client, dueMicros);
    count(counters, HttpLoadCounter.sent);
    countBy(counters, HttpLoadCounter.open, 1);
    this.#send.get(client)?.();
  }

  /** Takes over when a client sends. */
  #adopt(client: PacedClient): void {
    this.#send.set(client, client._doRequest.bind(client));
    client._doRequest = () => this.#ready(client);
    client.on('response', (status: number) => this.#answered(client, status));
  }

  /** A client has connected, or has its answer: it may send. */
  #ready(client: PacedClient): void {
    if (this.#dueMicros.delete(client)) {
      // It has connected again: its request is lost.
      count(this.#parts.counters, HttpLoadCounter.errors);
      countBy(this.#parts.counters, HttpLoadCounter.open, -1);
    }
    if (!this.#idle.includes(client)) this.#idle.push(client);
    this.#pump();
  }

  #answered(client: PacedClient, status: number): void {
    const dueMicros = this.#dueMicros.get(client);
    if (dueMicros === undefined) return;
    this.#dueMicros.delete(client);
    const { counters, clock, latency } = this.#parts;
    latency.record(clock.nowMicros() - dueMicros);
    countBy(counters, HttpLoadCounter.open, -1);
    count(counters, answerCounter(status));
  }
}

function answerCounter(status: number): number {
  if (status < 400) return HttpLoadCounter.answers2xx;
  return status < 500 ? HttpLoadCounter.answers4xx : HttpLoadCounter.answers5xx;
}
