/** Tables of a run for which there is no chart: memory by source, processor time, threads, phases, integrity. */
import { formatBytes, formatCount, formatMicros, formatShare } from '../../../base/units.ts';
import { orderCheckedText } from '../../../result/order-checked-text.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Slope } from '../../../result/sections/memory-schema.ts';
import { isDriverAlone } from '../../run/lines/is-driver-alone.ts';
import { runtimeParts, TOGETHER_NOTE, wakingNote } from '../../run/lines/processor-lines.ts';
import { fieldText, NOTHING } from '../../text/figure-text.ts';
import { table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import { sentenceList } from '../sentence-list.ts';
import { bullet } from './bullet.ts';
import { slopeSentence } from './memory-fits.ts';

/** A lane that is busier makes the run invalid. */
const BUSY_SHARE_FULL = 1;

/** Memory per connection by side and source. */
export function memoryTable(result: Result): Markup {
  const { memory } = result;
  const cell = (slope: Slope | null): string => (slope === null ? NOTHING : slopeSentence(slope));
  const side = (name: string, { ledger, heap, rss }: Result['memory']['switch']): string[] => [
    name,
    cell(ledger),
    cell(heap),
    cell(rss),
  ];
  const rows = [
    ...(isDriverAlone(result) ? [] : [side('switch', memory.switch)]),
    side('driver', memory.driver),
    ...(memory.isSimulated ? [['both in one process', NOTHING, NOTHING, cell(memory.process.rss)]] : []),
  ];
  const outside = memory.isSimulated
    ? []
    : [
        ['kernel sockets', cell(memory.kernel)],
        ['whole machine', cell(memory.machine)],
        ['page tables', cell(memory.process.pageTables)],
      ];
  return markup`${table(`Memory per connection${memory.isSimulated ? ', simulated' : ''}`, ['per connection', 'tables', 'heap', 'RSS'], rows, ['tables', 'heap', 'RSS'])}
${outside.length === 0 ? null : table('Memory outside the processes', ['outside the processes', 'per connection'], outside, ['per connection'])}
<h3>Left out</h3>
${sentenceList(memory.leavesOut)}`;
}

/** Processor time per message, and how busy each thread was. */
export function processorTables(result: Result): Markup {
  const { cpu } = result;
  const each = (micros: number | null): string => (micros === null ? NOTHING : `${micros.toFixed(2)} µs`);
  const isTogether = cpu.bothMicrosPerMessage !== null;
  const costs = isTogether
    ? [['both sides together', each(cpu.bothMicrosPerMessage), NOTHING]]
    : [
        ...(isDriverAlone(result)
          ? []
          : [['switch', each(cpu.switchMicrosPerMessage), each(cpu.switchRuntimeMicrosPerMessage)]]),
        ['driver', each(cpu.driverMicrosPerMessage), each(cpu.driverRuntimeMicrosPerMessage)],
        ...(cpu.sharedRuntimeMicrosPerMessage === null
          ? []
          : [['of neither side', each(cpu.sharedRuntimeMicrosPerMessage), each(cpu.sharedRuntimeMicrosPerMessage)]]),
      ];
  const threads = cpu.threads.map((thread) => [
    thread.name,
    thread.busyShare === null ? NOTHING : formatShare(thread.busyShare),
    markup`<span class="picture">${bullet(thread.busyShare, BUSY_SHARE_FULL, 'good')}</span>`,
    thread.waitShare === null ? NOTHING : formatShare(thread.waitShare),
    formatBytes(thread.heapUsedBytes),
    formatCount(thread.collections),
    formatMicros(thread.pauseMicros),
  ]);
  return markup`${table('Processor time per message', ['per message', 'all', 'of it the runtime'], costs)}
<p class="note">${[isTogether ? `Note: ${TOGETHER_NOTE}.` : `The runtime is ${runtimeParts(result)}.`, ...wakingNote(result)].join(' Note: ')}</p>
${threads.length === 0 ? markup`<p>No thread was measured.</p>` : table('Threads', ['thread', 'busy', 'of its time', 'waited for a processor', 'heap', 'collections', 'pauses'], threads)}`;
}

/**
 * When each phase began, and the events of the run. Charts and events count from the start of the threads, which comes
 * after the calibration, so phases have both times.
 */
export function phaseTables({ phases, series }: Result): Markup {
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const onCharts = (phase: string): string => {
    const event = series.events.find(({ name, detail }) => name === 'phase' && detail === phase);
    return event === undefined ? NOTHING : seconds(event.atSeconds);
  };
  const rows = phases.map(({ name, startSeconds, durationSeconds, outcome }) => [
    name,
    seconds(startSeconds),
    onCharts(name),
    seconds(durationSeconds),
    outcome,
  ]);
  const events = series.events.map(({ atSeconds, name, detail }) => [seconds(atSeconds), name, detail]);
  return markup`${table('Phases', ['phase', 'began', 'on the charts', 'took', 'outcome'], rows)}
${events.length === 0 ? null : markup`<details class="values long"><summary>Table: ${events.length === 1 ? '1 event' : `all ${formatCount(events.length)} events`}</summary>${table('Events', ['on the charts', 'event', 'detail'], events)}</details>`}`;
}

/** What became of the messages. */
export function integrityTable({ integrity, connections }: Result): Markup {
  const { findings, isSound, digestsMatch, orderCheckedShare, groups: _, ...counts } = integrity;
  const rows = Object.entries(counts).map(([name, count]) => [
    fieldText(name),
    count === null ? 'not known' : formatCount(count),
  ]);
  const failures = Object.entries(connections.failed).map(([name, count]) => [fieldText(name), formatCount(count)]);
  const sound = isSound === null ? 'not checked, the run ended first' : isSound ? 'yes' : 'no';
  const order = typeof orderCheckedShare === 'number' ? `${formatShare(orderCheckedShare)} of messages` : 'not known';
  const isPart = typeof orderCheckedShare === 'number' && orderCheckedShare < 1;
  const same = digestsMatch === null ? 'not checked' : digestsMatch ? 'yes' : 'no';
  return markup`<div class="side-by-side">
${table('Messages', ['messages', 'count'], [['sound', sound], ['sent and found are the same set', same], ['order checked', order], ...rows])}
${table('Failed connections', ['failed connections', 'count'], failures)}
</div>
${isPart ? markup`<p>${orderCheckedText(orderCheckedShare)}.</p>` : null}
${
  findings.length === 0
    ? null
    : table(
        'Findings',
        ['finding', 'sender', 'recipient', 'number'],
        findings.map((one) => [one.kind, one.sender, one.recipient, one.number]),
      )
}`;
}
