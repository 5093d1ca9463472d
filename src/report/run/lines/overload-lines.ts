/** Overload in the summary of a run: goodput against what was offered, and what was shed. */
import { formatCountOf, formatMicros, formatShare, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Overload, ShedKind } from '../../../result/sections/overload-schema.ts';

export function overloadLines(result: Result): string[] {
  const { overload } = result;
  if (overload === null) return [];
  return [
    goodputLine(overload),
    ...goodputOmissions(result),
    boundLine(overload),
    ...overload.shed.filter(({ count }) => count > 0).map(shedLine),
  ];
}

/** Which messages are among those offered, but have no latency that could count as goodput: a sentence, or none. */
export function goodputOmissions({ groups, misfits }: Result): string[] {
  const omitted = [
    ...(groups === null ? [] : ['messages to groups']),
    ...(misfits === null || misfits.hotMessagesSent === 0 ? [] : ['messages to the hot account']),
  ];
  return omitted.length === 0 ? [] : [`${omitted.join(' and ')} are among those offered, but not in goodput`];
}

function goodputLine({ offeredPerSecond, goodputPerSecond, refusedPerSecond, withinMicros }: Overload): string {
  if (offeredPerSecond === null || goodputPerSecond === null) return 'goodput not measured';
  const share = offeredPerSecond === 0 ? '' : ` (${formatShare(goodputPerSecond / offeredPerSecond)})`;
  return `goodput ${formatShort(goodputPerSecond)}/s${share} of ${formatShort(offeredPerSecond)}/s offered, delivered within ${formatMicros(withinMicros)}; ${formatShort(refusedPerSecond ?? 0)}/s refused`;
}

function boundLine({ delayMicros, workMicrosPerMessage }: Overload): string {
  const bound =
    delayMicros === null
      ? 'nothing is shed: input may wait without limit'
      : `input waits at most ${formatMicros(delayMicros)}`;
  const work =
    workMicrosPerMessage === 0 ? '' : `; each message costs its shard ${formatMicros(workMicrosPerMessage)} of work`;
  return `${bound}${work}`;
}

/** What became of each kind, in words. */
const SHED_WORDS: Readonly<Record<ShedKind['kind'], readonly [noun: string, fate: string]>> = {
  presence: ['presence notice', 'deferred'],
  typing: ['typing notice', 'dropped'],
  readReceipts: ['read receipt', 'dropped'],
  logins: ['login', 'refused'],
  messages: ['message', 'refused'],
};

/** The name of the row of a kind: `logins refused`. */
export function shedName(kind: ShedKind['kind']): string {
  const [noun, fate] = SHED_WORDS[kind];
  return `${noun}s ${fate}`;
}

function shedLine(shed: ShedKind): string {
  const [noun, fate] = SHED_WORDS[shed.kind];
  return `${formatCountOf(shed.count, noun)} ${fate}, ${shedTime(shed)}`;
}

/** When and for how long a kind was shed. */
function shedTime({ shardSeconds, firstSeconds, lastSeconds }: ShedKind): string {
  const span =
    firstSeconds === null || lastSeconds === null
      ? ''
      : `from ${firstSeconds.toFixed(1)} s to ${lastSeconds.toFixed(1)} s, `;
  return `${span}${shardSeconds.toFixed(1)} s summed over the shards`;
}
