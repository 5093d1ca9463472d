/**
 * The summary of a run: one screen that can be read without a manual. It reads only the result. Every figure has its
 * unit, and a figure that was not measured says so.
 */

import { formatFound } from '../../analysis/comparison/format-figure.ts';
import { formatCount, formatCountOf } from '../../base/units.ts';
import { asPublished } from '../../result/as-published.ts';
import { guardText } from '../../result/guard-text.ts';
import { lostInGroupsText } from '../../result/lost-in-groups.ts';
import { messageBalance } from '../../result/message-balance.ts';
import { orderCheckedText } from '../../result/order-checked-text.ts';
import type { Result } from '../../result/result-schema.ts';
import { fieldText, rateOfText } from '../text/figure-text.ts';
import type { Palette } from '../text/palette.ts';
import { printable, printableOutcome } from '../text/printable.ts';
import { publishedText } from '../text/published-words.ts';
import { eventLines } from './disturbances/event-lines.ts';
import { faultLines } from './disturbances/fault-lines.ts';
import { stormLines } from './disturbances/storm-lines.ts';
import { contentLines } from './lines/content-lines.ts';
import { durabilityLines } from './lines/durability-lines.ts';
import { groupsLines } from './lines/groups-lines.ts';
import { httpLines } from './lines/http-lines.ts';
import { isDriverAlone } from './lines/is-driver-alone.ts';
import { latencyLines } from './lines/latency-lines.ts';
import { memoryLines } from './lines/memory-lines.ts';
import { misfitLines } from './lines/misfit-lines.ts';
import { networkLines } from './lines/network-lines.ts';
import { overloadLines } from './lines/overload-lines.ts';
import { platformLines } from './lines/platform-lines.ts';
import { presenceLines } from './lines/presence-lines.ts';
import { processorLines } from './lines/processor-lines.ts';
import { refusalLines } from './lines/refusal-lines.ts';
import { timelineLines } from './lines/timeline-lines.ts';
import { runVerdict } from './run-verdict.ts';

const LABEL_CHARACTERS = 13;

/** @param path where the result is stored; null if it is not. */
export function summarize(stored: Result, path: string | null, palette: Palette): string {
  // Only figures are read of the series, which are most of a result.
  const result: Result = { ...printableOutcome({ ...stored, series: null }), series: stored.series };
  const simulated = result.scenario.isSimulated ? ' · simulated: phones are rows in memory, no kernel sockets' : '';
  const lines = [
    `${palette.strong(`trunkline ${result.scenario.name}`)} · transport ${result.scenario.transport}${simulated}${holdOf(result)}`,
    verdict(result, palette),
    '',
    ...labelled('connections', connectionLines(result)),
    ...labelled('throughput', throughputLines(result)),
    ...labelled('latency', latencyLines(result)),
    ...labelled('groups', groupsLines(result)),
    ...labelled('HTTP', httpLines(result)),
    ...labelled('overload', overloadLines(result)),
    ...labelled('misfits', misfitLines(result)),
    ...labelled('platforms', platformLines(result)),
    ...labelled('content', contentLines(result)),
    ...labelled('presence', presenceLines(result)),
    ...labelled('network', networkLines(result)),
    ...labelled('events', eventLines(result)),
    ...labelled('storms', stormLines(result)),
    ...labelled('faults', faultLines(result)),
    ...labelled('durability', durabilityLines(result)),
    ...labelled('over time', timelineLines(result.series)),
    ...labelled('memory', memoryLines(result)),
    ...labelled('processor', processorLines(result)),
    ...labelled('integrity', integrityLines(result)),
    ...labelled('validity', validityLines(result, palette)),
    ...labelled('thresholds', thresholdLines(result, palette)),
    ...labelled('published', asPublished(result).map(publishedText)),
    ...labelled('result', [path === null ? 'not kept' : printable(path)]),
  ];
  return lines.join('\n');
}

/** How sockets were held: figures of the two ways cannot be compared. */
function holdOf({ sockets }: Result): string {
  if (sockets?.hold === 'rings') return ' · sockets in tables of io_uring';
  return sockets?.hold === 'descriptors' ? ' · one descriptor per socket' : '';
}

function verdict(result: Result, palette: Palette): string {
  const { tone, sentence } = runVerdict(result);
  return palette[tone](sentence);
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL_CHARACTERS)}${line}`);
}

/** Counters that explain why connections and logins failed. */
const CAUSE = /^(connectsFailed|handshakesFailed|loginsRefused.)/;

function connectionLines({ connections, counters }: Result): string[] {
  const list = (counts: readonly [string, number][]): string =>
    counts.map(([cause, count]) => `${fieldText(cause)} ${formatCount(count)}`).join(', ');
  const failed = Object.entries(connections.failed).filter(([, count]) => count > 0);
  const sum = failed.reduce((all, [, count]) => all + count, 0);
  const causes = Object.entries({ ...counters.driver, ...counters.driverSockets }).filter(
    ([name, count]) => count > 0 && CAUSE.test(name),
  );
  const said = `${formatCount(sum)} failed${sum === 0 ? '' : `: ${list(failed)}`}`;
  return [
    `${formatCount(connections.held)} held of ${formatCount(connections.wanted)} wanted, peak ${formatCount(connections.peak)}; ${said}`,
    ...(causes.length === 0 ? [] : [`causes: ${list(causes)}`]),
  ];
}

function throughputLines(result: Result): string[] {
  const { throughput } = result;
  const seconds = throughput.measuredSeconds === null ? '' : `, over ${throughput.measuredSeconds.toFixed(1)} s`;
  return [
    `${rateOfText(throughput.completeMessagesPerSecond, 'complete messages')} (sent, ✓, delivered, confirmed, ✓✓)${seconds}`,
    [
      rateOfText(throughput.offeredMessagesPerSecond, 'offered'),
      rateOfText(throughput.deliveriesPerSecond, 'delivered'),
      ...(isDriverAlone(result) ? [] : [rateOfText(throughput.framesPerSecond, 'frames')]),
      `${rateOfText(throughput.loginsPerSecond, 'logins')} in the ramp`,
    ].join(', '),
  ];
}

function integrityLines(result: Result): string[] {
  const { integrity } = result;
  const isWhole = integrity.queued !== null;
  if (integrity.isSound === null)
    return [
      `${formatCount(integrity.sent)} sent, ${formatCount(integrity.delivered)} delivered; not checked, the run or its drain ended before all messages were answered`,
      ...refusalLines(result),
    ];
  const isGroupsOnly = integrity.sent === 0 && integrity.groups !== null;
  return [
    isGroupsOnly ? 'no message to a single phone; those to groups are above' : messageBalance(integrity),
    ...refusalLines(result),
    ...(isWhole ? [] : ['the mailboxes of the switch cannot be read: judged only by what the driver knows']),
    `${isWhole ? '' : 'known '}lost ${formatCount(integrity.lost)}${lostInGroupsText(integrity.groups)}, duplicated ${formatCount(integrity.duplicated)}, reordered ${formatCount(integrity.reordered)}, corrupted ${formatCount(integrity.corrupted)}`,
    ...(integrity.overtaken === 0
      ? []
      : [
          `${formatCountOf(integrity.overtaken, 'message')} came after later ones, sent again after a lost connection, as the protocol allows`,
        ]),
    ...orderChecked(integrity.orderCheckedShare ?? null),
  ];
}

/** Said only where the order of some messages could not be checked. */
function orderChecked(share: number | null): string[] {
  return share === null || share === 1 ? [] : [orderCheckedText(share)];
}

function validityLines({ validity }: Result, palette: Palette): string[] {
  const tripped = validity.guards.filter((guard) => guard.verdict === 'invalid');
  const warned = validity.guards.filter((guard) => guard.verdict === 'warning' || guard.verdict === 'unknown');
  const passed = validity.guards.filter((guard) => guard.verdict === 'ok').length;
  return [
    `${passed} of ${validity.guards.length} guards hold`,
    ...tripped.map((guard) => palette.bad(`tripped: ${guardText(guard)}`)),
    ...warned.map((guard) => palette.warning(`note: ${guardText(guard)}`)),
  ];
}

function thresholdLines({ thresholds }: Result, palette: Palette): string[] {
  if (thresholds.length === 0) return ['none'];
  return thresholds.map((threshold) => {
    const { metric, expression, figure, passed } = threshold;
    const found = `${figure === null ? '' : 'found '}${formatFound(threshold)}`;
    const line = `${passed ? '✓' : '✗'} ${metric} ${expression}: ${found}`;
    return passed ? line : palette.bad(line);
  });
}
