/** The HTTP load of a run beside the messages of its phones; nothing happens in a run without one. */
import { HttpLoad, type HttpLoadSnapshot } from '../../../http/load/http-load.ts';
import { bearerToken } from '../../../http/server/bearer-token.ts';
import type { Guard } from '../../../result/result-schema.ts';
import { httpAnswersGuard } from '../../../verdict/guards/http-guards.ts';
import { httpAnswers } from '../../../verdict/record/http-answers.ts';
import type { HttpWindow } from '../../../verdict/record/http-window.ts';
import type { RunSides } from '../../sides/run-sides.ts';

interface Instant {
  readonly atMicros: number;
  readonly load: HttpLoadSnapshot;
  readonly acknowledged: number;
}

export class HttpTraffic {
  readonly #sides: RunSides;
  #load: HttpLoad | null = null;
  #from: Instant | null = null;

  constructor(sides: RunSides) {
    this.#sides = sides;
  }

  /** Connects, and sends from a time on. The sides have started. */
  start(startMicros: number): void {
    const { http, plan, epochNanos } = this.#sides;
    const { settings, numbering, online, shape } = plan;
    const { rate, connections, text } = settings.http.load;
    if (http === null || rate === 0) return;
    const host = http.host.includes(':') ? `[${http.host}]` : http.host;
    this.#load = new HttpLoad({
      url: `http://${host}:${http.port}/v1/messages`,
      token: bearerToken(settings.login.secret),
      connections,
      ratePerSecond: rate,
      textBytes: text,
      recipients: online,
      numbering,
      seed: settings.seed,
      epochNanos,
      latencyRangeBits: shape.latencyRangeBits,
    });
    this.#load.start(startMicros);
  }

  /** Sends nothing until {@link resume}. */
  pause(): void {
    this.#load?.pause();
  }

  resume(pausedMicros: number): void {
    this.#load?.resume(pausedMicros);
  }

  /** The window begins. */
  begin(): void {
    this.#from = this.#instant();
  }

  /** The window since it began; null without a load. */
  window(): HttpWindow | null {
    const [from, to] = [this.#from, this.#instant()];
    const { load } = this.#sides.plan.settings.http;
    if (from === null || to === null) return null;
    const of = (name: string): number => (to.load.counters[name] ?? 0) - (from.load.counters[name] ?? 0);
    return {
      seconds: (to.atMicros - from.atMicros) / 1e6,
      ratePerSecond: load.rate,
      connections: load.connections,
      due: of('due'),
      sent: of('sent'),
      answers2xx: of('answers2xx'),
      answers4xx: of('answers4xx'),
      answers5xx: of('answers5xx'),
      errors: of('errors'),
      acknowledged: to.acknowledged - from.acknowledged,
      latency: to.load.latency.since(from.load.latency),
      sendDelay: to.load.sendDelay.since(from.load.sendDelay),
    };
  }

  /** Sends no more, and waits for the answers to what is open. */
  async stop(): Promise<void> {
    await this.#load?.stop();
  }

  /** Judges the answers of the whole run, once it is at rest; no guard without a load. */
  guards(): Guard[] {
    if (this.#load === null) return [];
    return [httpAnswersGuard(httpAnswers(this.#load.snapshot().counters), this.#sides.counters().gateway)];
  }

  /** Ends the thread of the load. */
  async end(): Promise<void> {
    await this.#load?.end();
  }

  #instant(): Instant | null {
    if (this.#load === null) return null;
    const acknowledged = this.#sides.gateway('messagesAcknowledged');
    return { atMicros: this.#sides.clock.nowMicros(), load: this.#load.snapshot(), acknowledged };
  }
}
