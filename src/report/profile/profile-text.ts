/**
 * The profiles of a run as text: per thread, how its time was spent, its hottest functions and its largest allocators.
 */
import type { HeavyFunction } from '../../analysis/profile/heaviest-functions.ts';
import type { ThreadReport } from '../../analysis/profile/thread-report.ts';
import { formatBytes, formatCountOf, formatMicros, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import { printableOutcome } from '../text/printable.ts';

export type RunProfile = NonNullable<Result['profile']>;

/** Names of functions come from the code that was run, and those of threads from a file. */
export function profileText(profile: RunProfile, found: readonly ThreadReport[], palette: Palette): string {
  const threads = printableOutcome(found);
  return [
    ...profileSentences(printableOutcome(profile)),
    ...threads.flatMap((thread) => ['', ...threadLines(thread, palette)]),
  ].join('\n');
}

/** What was profiled and how, and what it costs. */
export function profileSentences({
  phase,
  threads,
  otherThreads,
  intervalMicros,
  allocationBytes,
}: RunProfile): string[] {
  const when = phase === 'all' ? 'from the start of the ramp to the end of the measurement' : `during ${phase}`;
  const others = otherThreads.length === 0 ? '' : `; not profiled: ${otherThreads.join(', ')}`;
  return [
    `${formatCountOf(threads.length, 'thread was', 'threads were')} profiled ${when}: ${threads.join(', ')}${others}.`,
    `A sample of the stack was requested every ${formatMicros(intervalMicros)}, and one of allocations every ${formatBytes(allocationBytes)}. The figures of this run contain this cost: do not compare them with those of other runs.`,
    'A file lists at most the first 100,000 single samples of allocations; the sums by function are of all of them.',
  ];
}

/** How a thread spent its time. */
export function timeSentence(thread: ThreadReport): string {
  const share = (micros: number): string => formatShare(thread.micros === 0 ? 0 : micros / thread.micros);
  const parts = [
    ['awake', thread.awakeMicros],
    ['asleep', thread.asleepMicros],
    ['(idle)', thread.idleMicros],
    ['(garbage collector)', thread.collectorMicros],
    ['(program)', thread.programMicros],
  ] as const;
  const said = parts.filter(([name, micros]) => name === 'awake' || micros > 0);
  return `${formatMicros(thread.micros)}, ${formatCountOf(thread.samples, 'sample')}, one every ${formatMicros(thread.microsPerSample)}: ${said.map(([name, micros]) => `${name} ${share(micros)}`).join(', ')}`;
}

function threadLines(thread: ThreadReport, palette: Palette): string[] {
  return [
    `${palette.strong(thread.thread)}  ${timeSentence(thread)}`,
    ...list(hotRows(thread)),
    `allocated ${formatBytes(thread.allocatedBytes)} on its heap`,
    ...list(allocatorRows(thread)),
  ];
}

/** Heading and rows of the hottest functions; shares are of the time in which the thread was awake. */
export function hotRows({ hottest, awakeMicros }: ThreadReport): string[][] {
  const cells = (micros: number): string[] => [formatMicros(micros), formatShare(micros / awakeMicros)];
  const rows = hottest.map((one) => [one.name, one.place, ...cells(one.self), ...cells(one.total)]);
  return [['hottest functions', '', 'self', 'of awake', 'with callees', 'of awake'], ...rows];
}

/** Heading and rows of the functions that allocated most. */
export function allocatorRows({ largest, allocatedBytes }: ThreadReport): string[][] {
  const rows = largest.map(({ name, place, self, total }: HeavyFunction) => [
    name,
    place,
    formatBytes(self),
    formatShare(self / allocatedBytes),
    formatBytes(total),
  ]);
  return [['largest allocators', '', 'self', 'of all', 'with callees'], ...rows];
}

/** A table whose first two columns are one; without rows, nothing. */
function list(rows: readonly (readonly string[])[]): string[] {
  if (rows.length < 2) return [];
  return columns(
    rows.map(([name = '', place = '', ...cells]) => [`  ${name}${place === '' ? '' : `  ${place}`}`, ...cells]),
  );
}
