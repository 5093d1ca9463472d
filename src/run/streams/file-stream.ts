/** Writes intervals into a file or pipe, one line each. */
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { LineFile } from './line-file.ts';
import type { LineFormat } from './line-format.ts';
import type { OnFault, Stream, StreamedRun } from './stream.ts';

export class FileStream implements Stream {
  readonly #file: LineFile;
  readonly #format: LineFormat;
  #run: StreamedRun = { id: '', scenario: '', transport: '', isSimulated: false, place: null };

  private constructor(file: LineFile, format: LineFormat) {
    this.#file = file;
    this.#format = format;
    if (format.header !== null) file.add(format.header);
  }

  /** @throws OUTPUT_UNWRITABLE. */
  static async open(path: string, format: LineFormat, option: string, onFault: OnFault): Promise<FileStream> {
    return new FileStream(await LineFile.open(path, option, onFault), format);
  }

  get dropped(): number {
    return this.#file.dropped;
  }

  begin(run: StreamedRun): void {
    this.#run = run;
  }

  interval(interval: Interval, events: readonly RunEvent[]): void {
    this.#file.add(this.#format.line(this.#run, interval, events));
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
