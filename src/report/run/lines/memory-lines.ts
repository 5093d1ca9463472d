/** Memory per connection in the summary of a run, by side and by source, and what it leaves out. */
import { formatBytes, formatCount, formatCountOf } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import { columns } from '../../text/columns.ts';
import { isDriverAlone } from './is-driver-alone.ts';

/** Smaller figures have a decimal. */
const WHOLE_FROM = 100;

export function memoryLines(result: Result): string[] {
  const { memory, scenario } = result;
  const simulated = scenario.isSimulated ? 'simulated, ' : '';
  const row = (name: string, one: Result['memory']['switch']): string[] => [
    name,
    cell(one.ledger),
    cell(one.heap),
    cell(one.rss),
  ];
  const levels = memory.connections.length;
  const { rss } = memory.process;
  return [
    ...columns([
      [`${simulated}per connection`, 'tables (ledger)', 'heap', 'RSS'],
      ...(isDriverAlone(result) ? [] : [row('switch', memory.switch)]),
      row('driver', memory.driver),
    ]),
    levels === 0
      ? 'not read: the ramp did not reach a level'
      : `slopes over ${formatCountOf(levels, 'level')} up to ${formatCountOf(memory.connections.at(-1) ?? 0, 'connection')}, with 95 % intervals`,
    ...unmeasurableLines(result),
    ...(memory.isSimulated ? processLines(rss) : kernelLines(result)),
    ...(memory.pages?.hugeBytes ? [`on pages of 2 MiB: ${formatBytes(memory.pages.hugeBytes)} of the RSS`] : []),
    ...(isDriverAlone(result)
      ? ['the switch is on the other side: its memory and processor time are not in this result']
      : []),
    memory.isSimulated
      ? 'left out: kernel sockets (most of a real connection), mailboxes, what all phones share'
      : 'left out: mailboxes, data in socket buffers, what all phones share (threads and their stacks, inboxes)',
  ];
}

function processLines(rss: Slope | null): string[] {
  if (rss === null) return [];
  return [`both in one process: ${slope(rss)} RSS, base ${formatBytes(rss.baseBytes)}${linearity(rss)}`];
}

/** Memory outside the processes: sockets in the kernel, and the machine as a whole. */
function kernelLines({ memory, sockets }: Result): string[] {
  const ends = sockets?.endsHere ?? 2;
  const whose = ends === 2 ? 'both ends here' : 'one end here';
  const { kernel, machine } = memory;
  const bytes = kernel?.bytesPerConnection ?? null;
  const perEnd = bytes === null || ends === 1 ? '' : `, ${plainBytes(bytes / ends)} B per end`;
  return [
    `kernel, ${whose}: ${slope(kernel)}${perEnd} (from ${sockets?.kernel.source ?? 'nowhere'})${linearity(kernel)}`,
    `whole machine, ${whose}: ${slope(machine)} (decrease of free memory)${linearity(machine)}`,
  ];
}

function linearity(one: Slope | null): string {
  return one === null || one.isLinear || one.bytesPerConnection === null ? '' : '; not linear, do not extrapolate';
}

function slope(one: Slope | null): string {
  if (one === null) return 'not measured';
  return one.bytesPerConnection === null ? (one.reason ?? 'not measured') : figure(one, one.bytesPerConnection);
}

/** A cell of the table, which has no space for a reason. */
function cell(one: Slope | null): string {
  return one !== null && one.bytesPerConnection === null ? 'not measurable' : slope(one);
}

function figure({ lowBytesPerConnection: low, highBytesPerConnection: high }: Slope, bytes: number): string {
  const middle = `${plainBytes(bytes)} B`;
  return high - low < 0.05 ? middle : `${middle} (${plainBytes(low)}…${plainBytes(high)})`;
}

/** Why cells of the table have no figure, in one line without repetitions. */
function unmeasurableLines({ memory }: Result): string[] {
  const cells = (['switch', 'driver'] as const).flatMap((side) =>
    (['ledger', 'heap', 'rss'] as const).map((kind) => ({ name: `${side} ${NAMES[kind]}`, one: memory[side][kind] })),
  );
  const byReason = new Map<string, string[]>();
  for (const { name, one } of cells) {
    if (one?.bytesPerConnection !== null || one.reason === null) continue;
    byReason.set(one.reason, [...(byReason.get(one.reason) ?? []), name]);
  }
  const sentences = [...byReason].map(([reason, names]) => `${names.join(', ')}: ${reason}`);
  return sentences.length === 0 ? [] : [sentences.join('; ')];
}

const NAMES = { ledger: 'tables', heap: 'heap', rss: 'RSS' } as const;

/** Bytes without the unit: `8,566`; with one decimal below 100: `44.0`. */
export function plainBytes(bytes: number): string {
  if (Math.abs(bytes) < 0.05) return '0';
  return Math.abs(bytes) < WHOLE_FROM ? bytes.toFixed(1) : formatCount(bytes);
}
