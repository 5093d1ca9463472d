/**
 * Sockets of other programs during memory readings. The kernel counts socket memory for the whole machine, so sockets
 * that others open or close between two levels would be counted as ours. Their number is that of the machine less ours.
 */
import { formatCount } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { MemoryReading } from '../record/memory-reading.ts';
import { judged, unknown } from './guard-reading.ts';

/** Number of sockets that open and close on any machine. */
const FEW = 64;
/** As a share of our own sockets; beyond it kernel memory would be wrong by as much. */
const SHARE_MAX = 0.01;

export interface OtherSockets {
  /** Change in the number of sockets of other programs, in either direction. */
  readonly changed: number;
  readonly changedMax: number;
}

/** Changes between the first and the last level; null if sockets were not counted. */
function otherSockets(readings: readonly MemoryReading[]): OtherSockets | null {
  const counts = readings.map(({ sockets }) => sockets).filter((count) => count !== null);
  if (counts.length === 0) return null;
  const spread = (of: 'tcp' | 'all'): number => {
    const others = counts.map((count) => count[of] - count.own);
    return Math.max(...others) - Math.min(...others);
  };
  const own = Math.max(...counts.map((count) => count.own));
  return { changed: Math.max(spread('tcp'), spread('all')), changedMax: Math.max(FEW, SHARE_MAX * own) };
}

/** Why kernel memory of these readings is not a figure; null if no reason is known. */
export function kernelDisturbance(readings: readonly MemoryReading[]): string | null {
  const others = otherSockets(readings);
  if (others === null || others.changed <= others.changedMax) return null;
  return `not measured: ${formatCount(others.changed)} sockets of other programs were opened or closed meanwhile`;
}

/** A warning and not an invalid run: only kernel memory has no figure then. */
export function otherSocketsGuard(readings: readonly MemoryReading[]): Guard {
  const name = 'other sockets';
  const others = otherSockets(readings);
  if (others === null) return unknown(name, 'the kernel does not report it');
  const { changed, changedMax } = others;
  const reading = {
    name,
    figure: changed,
    limit: changedMax,
    found: `${formatCount(changed)} sockets of other programs were opened or closed while memory was read`,
    allowed: `at most ${formatCount(changedMax)}`,
    remedy: 'kernel memory has no figure: stop other programs that open sockets on this machine',
  } as const;
  return judged(reading, changed > changedMax ? 'warning' : 'ok');
}
