/** A disk that counts what is written to another one, and how long its syncs take. */
import type { Clock } from '../../../base/clock.ts';
import { count, countBy } from '../../../base/counters.ts';
import type { LogDisk, LogFile } from '../../../store/durable/log-disk.ts';
import { LogFigure } from '../memory/log-figures.ts';

export class MeasuredDisk implements LogDisk {
  readonly #disk: LogDisk;
  readonly #row: Float64Array;
  readonly #clock: Clock;

  /** @param row see LOG_FIGURES. */
  constructor(disk: LogDisk, row: Float64Array, clock: Clock) {
    this.#disk = disk;
    this.#row = row;
    this.#clock = clock;
  }

  files(): readonly LogFile[] {
    return this.#disk.files();
  }

  nameOf(file: number): string {
    return this.#disk.nameOf(file);
  }

  create(file: number): boolean {
    const isCreated = this.#disk.create(file);
    if (!isCreated) count(this.#row, LogFigure.fullDisks);
    return isCreated;
  }

  append(file: number, bytes: Uint8Array, start: number, end: number): boolean {
    const isWritten = this.#disk.append(file, bytes, start, end);
    if (isWritten) countBy(this.#row, LogFigure.writtenBytes, end - start);
    else count(this.#row, LogFigure.fullDisks);
    return isWritten;
  }

  beginSync(file: number): void {
    const begin = this.#clock.nowMicros();
    this.#disk.beginSync(file);
    const micros = this.#clock.nowMicros() - begin;
    count(this.#row, LogFigure.syncs);
    countBy(this.#row, LogFigure.syncMicros, micros);
    this.#row[LogFigure.longestSyncMicros] = Math.max(this.#row[LogFigure.longestSyncMicros] ?? 0, micros);
  }

  isSynced(): boolean {
    return this.#disk.isSynced();
  }

  read(file: number, at: number, into: Uint8Array, start: number, end: number): number {
    return this.#disk.read(file, at, into, start, end);
  }

  truncate(file: number, bytes: number): void {
    this.#disk.truncate(file, bytes);
  }

  replace(file: number): void {
    this.#disk.replace(file);
  }

  remove(file: number): void {
    this.#disk.remove(file);
  }
}
