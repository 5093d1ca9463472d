/**
 * From a run to the series that started its process: a series has streams, and each of its runs is a process of its
 * own. Intervals go over the channel between the two, and only if the series asks, so that a run that nobody watches
 * does nothing for it. A build that does not know the question passes on nothing, and its runs can be compared all the
 * same.
 */
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { JSON_LINES } from './line-format.ts';
import type { Stream, StreamedRun } from './stream.ts';

/** The question of a series. */
export const ASK_FOR_INTERVALS = { kind: 'passOnIntervals' } as const;

interface IntervalMessage {
  readonly kind: 'interval';
  /** As of `trunkline.interval/1`. */
  readonly line: string;
}

/** The interval in a message of a run, as a line of JSON; null if it is another message. */
export function intervalLineOf(message: unknown): string | null {
  if (typeof message !== 'object' || message === null) return null;
  const { kind, line } = message as Partial<IntervalMessage>;
  return kind === 'interval' && typeof line === 'string' ? line : null;
}

/** Maximum of lines that the channel has not taken yet; further ones are dropped. */
const UNSENT_MAX = 100;
const NO_RUN: StreamedRun = { id: '', scenario: '', transport: '', isSimulated: false, place: null };

export class ParentStream implements Stream {
  #run = NO_RUN;
  #isAsked = false;
  #unsent = 0;
  #dropped = 0;
  readonly #onMessage = (message: unknown): void => {
    if ((message as { kind?: unknown } | null)?.kind === ASK_FOR_INTERVALS.kind) this.#isAsked = true;
  };

  private constructor() {
    process.on('message', this.#onMessage);
    process.channel?.unref(); // the channel must not keep the process alive
  }

  /** @returns null if no process with a channel has started this one. */
  static open(): ParentStream | null {
    return process.connected === true ? new ParentStream() : null;
  }

  get dropped(): number {
    return this.#dropped;
  }

  begin(run: StreamedRun): void {
    this.#run = run;
  }

  interval(interval: Interval, events: readonly RunEvent[]): void {
    if (!this.#isAsked) return;
    if (this.#unsent >= UNSENT_MAX || !process.connected) {
      this.#dropped++;
      return;
    }
    const message: IntervalMessage = { kind: 'interval', line: JSON_LINES.line(this.#run, interval, events) };
    this.#unsent++;
    process.send?.(message, (error: Error | null) => {
      this.#unsent--;
      if (error !== null) this.#dropped++;
    });
  }

  async close(): Promise<void> {
    process.off('message', this.#onMessage);
  }
}
