/**
 * The first screen of a run: how many connections, how many messages per second, how late, how much memory each, and
 * whether it can be believed. Every figure that was not measured says so.
 */
import { formatCount, formatCountOf, formatShort } from '../../../base/units.ts';
import { groupBalanceText } from '../../../result/group-balance-text.ts';
import { lostInGroupsText } from '../../../result/lost-in-groups.ts';
import { messageBalance } from '../../../result/message-balance.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { LatencySummary } from '../../../result/sections/latency-schema.ts';
import { samplesNeeded } from '../../../stats/histogram.ts';
import { plainBytes } from '../../run/lines/memory-lines.ts';
import { refusalLines } from '../../run/lines/refusal-lines.ts';
import { latencyText, NOTHING, rateText } from '../../text/figure-text.ts';
import { type Markup, type MarkupValue, markup } from '../markup.ts';
import { guardCells } from './guard-table.ts';
import { memoryBar, memoryParts, memorySum } from './memory-parts.ts';
import { thresholdList } from './threshold-list.ts';

/** The tiles, below the verdict. */
export function runAnswers(result: Result): Markup {
  return markup`<div class="answers">
${connections(result)}
${messages(result)}
${latency(result)}
${belief(result)}
${memory(result)}
<section class="answer wide" aria-labelledby="answer-thresholds"><h2 id="answer-thresholds">Thresholds</h2>
${thresholdList(result)}</section>
</div>`;
}

function answer(id: string, question: string, figure: MarkupValue, notes: readonly MarkupValue[]): Markup {
  const lines = notes.filter((note) => note !== null).map((note) => markup`<p class="faint">${note}</p>`);
  return markup`<section class="answer" aria-labelledby="answer-${id}"><h2 id="answer-${id}">${question}</h2>
<p class="figure">${figure}</p>${lines}</section>`;
}

function simulated(result: Result): Markup | null {
  return result.scenario.isSimulated ? markup` <span class="tag">simulated</span>` : null;
}

function connections(result: Result): Markup {
  const { held, wanted, peak, heldAtEnd, failed } = result.connections;
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0);
  const published = result.scenario.step?.published ?? null;
  return answer('connections', 'Connections held', markup`<b>${formatCount(held)}</b>${simulated(result)}`, [
    `of ${formatCount(wanted)} wanted, peak ${formatCount(peak)}, ${formatCount(heldAtEnd)} at the end`,
    failures === 0 ? '0 failed' : markup`<span class="bad-text">${formatCount(failures)} failed</span>`,
    published === null ? null : `published: ${published.figure} (${published.source})`,
  ]);
}

function messages({ throughput, groups, http }: Result): Markup {
  const { completeMessagesPerSecond, offeredMessagesPerSecond, deliveriesPerSecond, measuredSeconds } = throughput;
  return answer(
    'messages',
    'Complete messages per second',
    markup`<b>${completeMessagesPerSecond === null ? NOTHING : formatShort(completeMessagesPerSecond)}</b>${completeMessagesPerSecond === null ? ' not measured' : ' /s'}`,
    [
      `offered ${rateText(offeredMessagesPerSecond)}, delivered ${rateText(deliveriesPerSecond)}`,
      `logins ${rateText(throughput.loginsPerSecond)} in the ramp`,
      http === null ? null : `by HTTP ${rateText(http.reachedPerSecond)} more, acknowledged`,
      groups === null
        ? null
        : `to groups ${rateText(groups.messagesPerSecond)}, delivered to members ${rateText(groups.deliveriesPerSecond)}`,
      measuredSeconds === null ? 'the run was not measured' : `measured for ${measuredSeconds.toFixed(1)} s`,
    ],
  );
}

/** Deliveries to one phone each; those to members of groups where a run has no others. */
function latency({ latency: { delivery: single, groupDelivery, sendDelay } }: Result): Markup {
  const isGroupsOnly = single.count === 0 && groupDelivery.count > 0;
  const delivery = isGroupsOnly ? groupDelivery : single;
  const inGroups = isGroupsOnly || groupDelivery.count === 0 ? null : groupDelivery;
  const question = isGroupsOnly ? 'Delivery to members of groups, from the due time' : 'Delivery, from the due time';
  const time = (micros: number | null, { rangeMicros }: LatencySummary): string => latencyText(micros, rangeMicros);
  const figure = markup`<span class="pair"><small>p50</small> <b>${time(delivery.p50Micros, delivery)}</b></span> <span class="pair"><small>p99</small> <b>${time(delivery.p99Micros, delivery)}</b></span>`;
  return answer('latency', question, figure, [
    delivery.count === 0
      ? 'no message was delivered while measuring'
      : `p99.9 ${time(delivery.p999Micros, delivery)}${tooFew(delivery)}, max ${time(delivery.maxMicros, delivery)}`,
    delivery.aboveRangeCount === 0 ? null : `${formatCount(delivery.aboveRangeCount)} above the range`,
    `send delay p50 ${time(sendDelay.p50Micros, sendDelay)}, p99 ${time(sendDelay.p99Micros, sendDelay)}`,
    isGroupsOnly ? formatCountOf(delivery.count, 'delivery', 'deliveries') : formatCountOf(delivery.count, 'message'),
    inGroups === null
      ? null
      : `in groups: p50 ${time(inGroups.p50Micros, inGroups)}, p99 ${time(inGroups.p99Micros, inGroups)}`,
  ]);
}

/** Why there is no p99.9. */
function tooFew({ count, p999Micros }: LatencySummary): string {
  const needed = samplesNeeded(99.9);
  return p999Micros === null && count < needed ? ` (needs ${formatCount(needed)})` : '';
}

function belief(result: Result): Markup {
  const { validity, integrity } = result;
  const holding = validity.guards.filter(({ verdict }) => verdict === 'ok').length;
  const figure = validity.isValid ? markup`<b class="good-text">Yes</b>` : markup`<b class="bad-text">No</b>`;
  return answer('belief', 'Can I believe it?', figure, [
    markup`<a href="#guards">${holding} of ${validity.guards.length} guards hold</a>`,
    guardCells(result),
    integrity.isSound === null
      ? 'messages not checked: the run ended first'
      : `lost ${formatCount(integrity.lost)}${lostInGroupsText(integrity.groups)}, duplicated ${formatCount(integrity.duplicated)}, reordered ${formatCount(integrity.reordered)}`,
    ...(integrity.isSound === null ? [] : balances(integrity)),
    ...refusalLines(result),
  ]);
}

/** Of messages to one phone and of those to groups, where there were any. */
function balances(integrity: Result['integrity']): string[] {
  const { groups, sent } = integrity;
  if (groups === null) return [messageBalance(integrity)];
  return [...(sent === 0 ? [] : [messageBalance(integrity)]), ...groupBalanceText(groups)];
}

function memory(result: Result): Markup {
  const parts = memoryParts(result);
  const sum = memorySum(parts);
  const isWhole = parts.some(({ colour }) => colour === 'rest');
  const about = result.scenario.isSimulated
    ? 'rows in memory: a real connection adds kilobytes in the kernel'
    : isWhole
      ? `the whole machine, ${result.sockets?.endsHere === 1 ? 'one end' : 'both ends'} here`
      : 'sum of the parts that were measured';
  return markup`<section class="answer wide" aria-labelledby="answer-memory"><h2 id="answer-memory">Memory per connection</h2>
<p class="figure"><b>${sum === null ? NOTHING : `${plainBytes(sum)} B`}</b>${simulated(result)} <span class="faint">${sum === null ? 'not measured' : about}</span></p>
${memoryBar(parts)}</section>`;
}
