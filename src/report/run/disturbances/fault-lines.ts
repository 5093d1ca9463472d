/** Faults of the switch in the summary of a run: how long it and its phones took to return, and what that cost. */
import { formatCount, formatCountOf } from '../../../base/units.ts';
import { lostInGroupsText } from '../../../result/lost-in-groups.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { FaultResult } from '../../../result/sections/faults-schema.ts';
import { secondsOf } from './storm-lines.ts';

/** More faults than these are summed up. */
const LISTED_MAX = 6;

export function faultLines(result: Result): string[] {
  const { faults } = result;
  if (faults.length === 0) return [];
  return [
    ...(faults.length > LISTED_MAX
      ? sumLines(faults)
      : faults.flatMap((fault, place) => linesOf(fault, place === faults.length - 1))),
    faultCost(result),
    'Intervals from a fault until 99 % of the sessions are back are not compared with the intended load',
  ];
}

/**
 * A time to return after a fault, in words. Nobody looks after the next fault, nor after the load.
 * @param isLast whether no other fault came after it.
 */
export function returnOf(seconds: number | null, isLast: boolean): string {
  if (seconds !== null) return secondsOf(seconds);
  return isLast ? 'not before the load ended' : 'not before the next fault';
}

function linesOf(fault: FaultResult, isLast: boolean): string[] {
  const { back50Seconds, back90Seconds, back99Seconds } = fault;
  const [half, most, all] = [back50Seconds, back90Seconds, back99Seconds].map((seconds) => returnOf(seconds, isLast));
  const back = fault.sessions === 0 ? 'there were none' : `50 % ${half}, 90 % ${most}, 99 % ${all}`;
  return [
    `${fault.what} at ${fault.atSeconds.toFixed(1)} s, with ${formatCountOf(fault.sessions, 'session')}${presentText(fault)}`,
    `sessions back: ${back}; first ✓ ${returnOf(fault.acknowledgedSeconds, isLast)}`,
  ];
}

function presentText({ isKill, presentSeconds, restoreSeconds, restoredEntries }: FaultResult): string {
  if (!isKill || presentSeconds === null) return '';
  const store =
    restoreSeconds === null
      ? ''
      : `, of which its store ${secondsOf(restoreSeconds)} (${formatCountOf(restoredEntries ?? 0, 'record')})`;
  return `; it listened again after ${secondsOf(presentSeconds)}${store}`;
}

/** Many faults in a line for each kind, with the longest times. */
function sumLines(faults: readonly FaultResult[]): string[] {
  const kinds = [...new Set(faults.map(({ what }) => what))];
  return kinds.map((what) => {
    const all = faults.filter((fault) => fault.what === what);
    const longest = (pick: (fault: FaultResult) => number | null): string => {
      const times = all.map(pick);
      return times.includes(null) ? 'not each time' : secondsOf(Math.max(...times.map(Number)));
    };
    return `${what} ${formatCountOf(all.length, 'time')}; the longest: listening ${longest((one) => one.presentSeconds)}, 50 % of sessions back ${longest((one) => one.back50Seconds)}, 99 % ${longest((one) => one.back99Seconds)}, first ✓ ${longest((one) => one.acknowledgedSeconds)}`;
  });
}

/** What the faults cost, in words: messages, as far as all were checked. */
export function faultCost({ integrity, faults, durability }: Result): string {
  const isKill = faults.some((fault) => fault.isKill);
  const byDesign =
    isKill && durability?.mode !== 'fsync' ? ' (a kill loses messages without switch.durability=fsync)' : '';
  if (integrity.isSound === null) return `messages lost: not checked${byDesign}`;
  return `acknowledged and lost ${formatCount(integrity.lost)}${lostInGroupsText(integrity.groups)}${byDesign}, shown twice ${formatCount(integrity.duplicated)}, delivered again and not shown ${formatCount(integrity.redelivered)}`;
}
