/** Reconnection storms in the summary of a run: how long phones took to return, and what the others noticed. */
import { formatCount, formatCountOf, formatMicros, formatShort } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { StormResult } from '../../../result/sections/storms-schema.ts';
import { sparkline } from '../../text/sparkline.ts';

const CELLS = 60;

export function stormLines({ storms, integrity }: Result): string[] {
  if (storms.length === 0) return [];
  return [
    ...storms.flatMap((storm, place) => linesOf(storm, place === storms.length - 1)),
    `${formatCountOf(integrity.lost, 'message')} lost. Intervals in which phones are away are not compared with the intended load`,
  ];
}

/** @param isLast whether no other storm came after it. */
function linesOf(storm: StormResult, isLast: boolean): string[] {
  const { restored50Seconds, restored90Seconds, restored99Seconds, restored999Seconds } = storm;
  const times = [
    `50 % ${secondsOf(restored50Seconds)}`,
    `90 % ${secondsOf(restored90Seconds)}`,
    `99 % ${secondsOf(restored99Seconds)}`,
    `99.9 % ${secondsOf(restored999Seconds)}`,
  ];
  const absent = storm.dropped - storm.restored - storm.givenUp;
  return [
    `${formatCount(storm.dropped)} dropped (${storm.what}, ${storm.notice}); restored${storm.outageSeconds === null ? '' : ' after the end of the outage'}: ${times.join(', ')}`,
    ...(storm.riddenOut === 0
      ? []
      : [`${formatCount(storm.riddenOut)} would have noticed only after the outage, and kept their connection`]),
    `peak ${formatShort(storm.peakLoginsPerSecond)} logins/s${isLast ? '' : ' until the next storm'}; ${formatCount(storm.deferred)} told to come back later, ${formatCount(storm.givenUp)} gave up, ${formatCount(absent)} still away`,
    ...refusedOf(storm),
    `deliveries between phones that stayed: ${deliveriesOf(storm.deliveriesStayed)}; before: ${deliveriesOf(storm.deliveriesBefore)}`,
    ...(storm.logins.length === 0
      ? []
      : [
          `logins from the storm on, ${(storm.logins.length * storm.binSeconds).toFixed(1)} s: ${sparkline(storm.logins, CELLS)}`,
        ]),
  ];
}

/** Older results do not know it. */
function refusedOf({ loginsRefused, messagesRejected }: StormResult): string[] {
  if (loginsRefused === null || messagesRejected === null) return [];
  return [
    `refused until all were back: ${formatCountOf(loginsRefused, 'login')}, ${formatCountOf(messagesRejected, 'message')}`,
  ];
}

/** A time to restore, in words. */
export function secondsOf(seconds: number | null): string {
  return seconds === null ? 'not in this run' : `${seconds.toFixed(2)} s`;
}

/** Latencies of deliveries, in words. */
export function deliveriesOf({ p50Micros, p99Micros }: StormResult['deliveriesStayed']): string {
  if (p50Micros === null) return 'too few';
  return `p50 ${formatMicros(p50Micros)}, p99 ${p99Micros === null ? '–' : formatMicros(p99Micros)}`;
}
