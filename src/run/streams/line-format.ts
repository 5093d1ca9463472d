/** Intervals as lines of text: JSON by the published schema, and CSV with a header. */
import { INTERVAL_SCHEMA, type IntervalLine } from '../../result/interval-schema.ts';
import type { RunEvent } from '../../result/series-schema.ts';
import type { Interval } from '../../verdict/record/interval.ts';
import { FIGURES, threadsTogether } from './interval-figures.ts';
import type { RunPlace, StreamedRun } from './stream.ts';

export interface LineFormat {
  /** The first line; null for none. */
  readonly header: string | null;
  line(run: StreamedRun, interval: Interval, events: readonly RunEvent[]): string;
}

/** One object per line (JSON Lines), by the schema `trunkline.interval/1`. */
export const JSON_LINES: LineFormat = {
  header: null,
  line: ({ id, place, ...run }, { early: _forTheLiveView, ...interval }, events) => {
    const line: IntervalLine = {
      schema: INTERVAL_SCHEMA,
      run: id,
      ...run,
      ...placeFigures(place),
      ...interval,
      threads: [...interval.threads],
      events: [...events],
    };
    return JSON.stringify(line);
  },
};

const CSV_HEADER = [
  'run',
  'scenario',
  'transport',
  'isSimulated',
  'side',
  'runNumber',
  'runsPlanned',
  'atSeconds',
  'seconds',
  'phase',
  ...FIGURES,
  'shardBusyShareMax',
  'laneBusyShareMax',
  'collections',
  'pauseMicros',
  'events',
];

/** RFC 4180, with LF at the ends of lines. A figure that is not known is empty; threads are taken together. */
export const CSV: LineFormat = {
  header: CSV_HEADER.join(','),
  line: ({ id, scenario, transport, isSimulated, place }, interval, events) => {
    const { atSeconds, seconds, phase } = interval;
    const threads = threadsTogether(interval);
    const happened = events.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    const values = [
      ...[id, scenario, transport, isSimulated, ...Object.values(placeFigures(place)), atSeconds, seconds, phase],
      ...FIGURES.map((name) => interval[name]),
      ...[threads.shardBusyShareMax, threads.laneBusyShareMax, threads.collections, threads.pauseMicros],
      happened,
    ];
    return values.map(csvField).join(',');
  },
};

/** In the order of columns. */
function placeFigures(place: RunPlace | null): Pick<IntervalLine, 'side' | 'runNumber' | 'runsPlanned'> {
  return { side: place?.side ?? null, runNumber: place?.number ?? null, runsPlanned: place?.of ?? null };
}

/** Quotes what would end the field. A text that a spreadsheet would take for a formula begins with an apostrophe. */
function csvField(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
