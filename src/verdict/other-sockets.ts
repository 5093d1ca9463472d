/**
 * Sockets of other programs while memory was read. The kernel counts memory of sockets for the whole machine, so sockets
 * that others opened or closed between two levels would pass for ours; their number is what the machine has less ours.
 */
import { formatCount } from '../base/units.ts';
import type { Guard } from '../result/result-schema.ts';
import { judged, unknown } from './guard.ts';
import type { MemoryReading } from './side-figures.ts';

/** So many come and go on any machine. */
const FEW = 64;
/** Of our own sockets: beyond it the figure of kernel memory is off by as much. */
const SHARE_MOST = 0.01;

export interface OtherSockets {
  /** How far the number of others' sockets went up or down. */
  readonly changed: number;
  readonly changedMost: number;
}

/** What others did between the first level and the last; null where it was not counted. */
export function otherSockets(readings: readonly MemoryReading[]): OtherSockets | null {
  const counts = readings.map(({ sockets }) => sockets).filter((count) => count !== null);
  if (counts.length === 0) return null;
  const spread = (of: 'tcp' | 'all'): number => {
    const others = counts.map((count) => count[of] - count.own);
    return Math.max(...others) - Math.min(...others);
  };
  const own = Math.max(...counts.map((count) => count.own));
  return { changed: Math.max(spread('tcp'), spread('all')), changedMost: Math.max(FEW, SHARE_MOST * own) };
}

/** Why kernel memory of these readings is no figure; null where nothing is known against it. */
export function kernelDisturbance(readings: readonly MemoryReading[]): string | null {
  const others = otherSockets(readings);
  if (others === null || others.changed <= others.changedMost) return null;
  return `not measured: ${formatCount(others.changed)} sockets of other programs were opened or closed meanwhile`;
}

/** A warning: what it is about is one row, which has no figure then; the others stand. */
export function otherSocketsGuard(readings: readonly MemoryReading[]): Guard {
  const name = 'other sockets';
  const others = otherSockets(readings);
  if (others === null) return unknown(name, 'the kernel does not report it');
  const { changed, changedMost } = others;
  const reading = {
    name,
    figure: changed,
    limit: changedMost,
    found: `${formatCount(changed)} sockets of other programs were opened or closed while memory was read`,
    allowed: `at most ${formatCount(changedMost)}`,
    remedy: 'kernel memory has no figure: stop other programs that open sockets on this machine',
  } as const;
  return judged(reading, changed > changedMost ? 'warning' : 'ok');
}
