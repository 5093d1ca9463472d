/** How long the runs of a series take, for an estimate of the time that is left. Times are passed in. */
import type { SeriesProgress } from './series-frame.ts';

export class RunPace {
  #runs = 0;
  #seconds = 0;
  #startSeconds: number | null = null;

  /** A run starts. A warm-up run counts as well: it takes as long as the others. */
  start(nowSeconds: number): void {
    this.end(nowSeconds);
    this.#startSeconds = nowSeconds;
  }

  /** The run that started last has ended; without effect if there is none. */
  end(nowSeconds: number): void {
    if (this.#startSeconds === null) return;
    this.#runs++;
    this.#seconds += nowSeconds - this.#startSeconds;
    this.#startSeconds = null;
  }

  /**
   * Seconds until so many runs have ended, from the mean of those that have; null before the first has.
   * @param remaining runs that have not ended, with the one that is running.
   */
  leftSeconds(remaining: number, nowSeconds: number): number | null {
    if (this.#runs === 0) return null;
    const mean = this.#seconds / this.#runs;
    const current = this.#startSeconds === null ? 0 : Math.min(mean, nowSeconds - this.#startSeconds);
    return remaining * mean - current;
  }

  /** The start of what a series says: a run, or a phase that is none. */
  follow({ runs }: SeriesProgress, nowSeconds: number): void {
    if (runs === null) this.end(nowSeconds);
    else this.start(nowSeconds);
  }

  /**
   * Seconds until the end of a series; null if they are not known.
   * @param sinceSeconds when what is running has started.
   */
  seriesLeftSeconds({ runs, otherSeconds }: SeriesProgress, sinceSeconds: number, nowSeconds: number): number | null {
    if (runs === null)
      return otherSeconds === undefined ? null : Math.max(0, otherSeconds - (nowSeconds - sinceSeconds));
    const seconds = this.leftSeconds(runs.all - runs.ended, nowSeconds);
    return seconds === null ? null : seconds + (otherSeconds ?? 0);
  }
}
