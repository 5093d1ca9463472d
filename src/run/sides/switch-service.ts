/**
 * The switch alone, with its shards in threads of this process: listens, counts, and notifies every phone when it
 * stops.
 */
import { currentEpochNanos } from '../../measure/monotonic-clock.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { ServiceEnd, ServiceInterval } from '../../verdict/record/service-figures.ts';
import type { StoreFigures } from '../../verdict/record/store-figures.ts';
import type { SwitchTarget } from '../worker/thread/worker-messages.ts';
import type { RunSides } from './run-sides.ts';
import { RunThreads } from './run-threads.ts';
import { startListening } from './start-listening.ts';

/** Most time for phones to close their end after they were notified: longer than a shard waits for a single one. */
export const STOP_MICROS_MAX = 10e6;
const POLL_MILLIS = 20;

export class SwitchService {
  /** Settles with the first shard that fails; never rejects. */
  readonly failure: Promise<Error>;
  readonly #threads: RunThreads;
  #last = { atMicros: 0, logins: 0, messages: 0 };

  constructor(plan: RunPlan) {
    this.#threads = new RunThreads(plan, { side: 'switch', isCalibration: false, epochNanos: currentEpochNanos() });
    this.failure = this.#threads.failure;
  }

  /** @returns where it listens. @throws LISTEN_FAILED, HOST_UNKNOWN, or what starting threads throws. */
  async start(): Promise<readonly SwitchTarget[]> {
    try {
      await this.#threads.start();
      const places = await startListening(this.#threads);
      await this.#threads.listenHttp();
      this.interval();
      return places;
    } catch (error) {
      await this.#threads.stop();
      throw error;
    }
  }

  /** What its store has done so far, also while the switch starts; null without a store. */
  storeFigures(): Promise<StoreFigures | null> {
    return this.#threads.storeFigures();
  }

  /** Where the HTTP side listens, once the switch has started; null without one. */
  get http(): SwitchTarget | null {
    return this.#threads.http;
  }

  /** The side whose figures streams pass on. */
  get sides(): Pick<RunSides, 'clock' | 'switch' | 'refresh' | 'intervalReading' | 'roughRssBytes' | 'sideRss'> {
    return this.#threads;
  }

  /** What happened since the last call, or since the start. */
  interval(): ServiceInterval {
    const threads = this.#threads;
    const now = {
      atMicros: threads.clock.nowMicros(),
      logins: threads.switch('loginsAccepted'),
      messages: threads.switch('messagesAccepted'),
    };
    const seconds = Math.max(1, now.atMicros - this.#last.atMicros) / 1e6;
    const interval = {
      atSeconds: now.atMicros / 1e6,
      connections: this.#connections(),
      sessions: threads.switch('sessions'),
      loginsPerSecond: (now.logins - this.#last.logins) / seconds,
      messagesPerSecond: (now.messages - this.#last.messages) / seconds,
      queuedMessages: threads.switch('messagesQueued'),
      rssBytes: threads.roughRssBytes(),
    };
    this.#last = now;
    return interval;
  }

  /**
   * Stops listening, tells every phone, waits until their connections are gone, at most
   * {@link STOP_MICROS_MAX}, and ends the threads.
   */
  async stop(): Promise<ServiceEnd> {
    const threads = this.#threads;
    await threads.gateways({ kind: 'beginStopping' });
    await threads.shards({ kind: 'stopListening' });
    await threads.shards({ kind: 'beginStopping' });
    const untilMicros = threads.clock.nowMicros() + STOP_MICROS_MAX;
    while (this.#connections() > 0 && threads.clock.nowMicros() < untilMicros) await pause(POLL_MILLIS);
    const { messages, earlier } = await threads.queued();
    const { switch: counters, switchSockets: sockets } = threads.counters();
    const untrackedRecords = (await threads.storeFigures())?.totals.untrackedRecords ?? 0;
    const end = {
      drainedSessions: threads.switch('sessionsStopped'),
      cutConnections: this.#connections(),
      queuedMessages: messages + earlier,
      isStored: threads.plan.store !== null,
      counters: { ...counters, untrackedRecords },
      sockets,
    };
    await threads.stop();
    return end;
  }

  #connections(): number {
    return this.#threads.switch('connectionsOpened') - this.#threads.switch('connectionsClosed');
  }
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis));
}
