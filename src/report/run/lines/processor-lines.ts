/**
 * Processor time per message in the summary of a run: of each side's process, and the parts of its threads and its
 * runtime.
 */
import { formatCountOf, formatMicros, formatShare } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { columns } from '../../text/columns.ts';
import { NOTHING } from '../../text/figure-text.ts';
import { isDriverAlone } from './is-driver-alone.ts';

/** Number of threads of a side that are shown individually. */
const SHARES_SHOWN_MAX = 4;
/** Below this share a thread sleeps more than it works, and waking it is a large part of its cost. */
const BUSY_SHARE_MIN = 0.5;

export function processorLines(result: Result): string[] {
  const { cpu } = result;
  if (cpu.bothMicrosPerMessage !== null) return bothLines(result, cpu.bothMicrosPerMessage);
  const row = (side: string, role: 'shard' | 'lane', whole: number | null, runtime: number | null): string[] => {
    const threads = whole === null || runtime === null ? whole : whole - runtime;
    return [side, each(whole), each(threads), each(runtime), busyShares(ofRole(result, role)) || NOTHING];
  };
  const { sharedRuntimeMicrosPerMessage: shared } = cpu;
  return [
    ...columns([
      ['per message', 'all', 'threads', 'runtime', 'threads busy'],
      ...(isDriverAlone(result)
        ? []
        : [row('switch', 'shard', cpu.switchMicrosPerMessage, cpu.switchRuntimeMicrosPerMessage)]),
      row('driver', 'lane', cpu.driverMicrosPerMessage, cpu.driverRuntimeMicrosPerMessage),
      ...(shared === null ? [] : [['of neither side', each(shared), NOTHING, each(shared), NOTHING]]),
    ]),
    [`runtime: ${runtimeParts(result)}; ${collections(result)}`, ...wakingNote(result)].join('; '),
  ];
}

/** Where the time of the two sides cannot be told apart. */
export const TOGETHER_NOTE =
  'the time of the two sides cannot be told apart: the kernel receives for the switch while a lane writes its packets. For the switch alone, run the same load over tcp';

function bothLines(result: Result, micros: number): string[] {
  return [
    `per message, both sides together: ${each(micros)}`,
    `threads busy: shards ${busyShares(ofRole(result, 'shard'))}; lanes ${busyShares(ofRole(result, 'lane'))}`,
    [TOGETHER_NOTE, collections(result), ...wakingNote(result)].join('; '),
  ];
}

/** What the runtime of a side is: what its process does outside its shards or lanes. */
export function runtimeParts({ http, scenario }: Result): string {
  const own = 'garbage collector, compiler, main thread';
  if (http === null) return own;
  return scenario.isSimulated ? `${own}, threads of the HTTP side and its load` : `${own}, thread of the HTTP side`;
}

function each(micros: number | null): string {
  return micros === null ? NOTHING : `${micros.toFixed(2)} µs`;
}

function ofRole({ cpu }: Result, role: 'shard' | 'lane'): Result['cpu']['threads'] {
  return cpu.threads.filter((thread) => thread.role === role);
}

function collections({ cpu }: Result): string {
  const count = cpu.threads.reduce((sum, thread) => sum + thread.collections, 0);
  const pause = cpu.threads.reduce((sum, thread) => sum + thread.pauseMicros, 0);
  return `${formatCountOf(count, 'collection')} in threads (${formatMicros(pause)})`;
}

/**
 * A sleeping thread is woken for a few messages, which costs more than handling them. At 500 messages per second, 20
 * times the processor time per message of a saturated run was measured.
 */
export function wakingNote(result: Result): string[] {
  const busiest = Math.max(...result.cpu.threads.map(({ busyShare }) => busyShare ?? 1));
  if (result.cpu.threads.length === 0 || busiest >= BUSY_SHARE_MIN) return [];
  return [
    'includes the cost of waking threads; per message up to 20 times that of a saturated run: compare at the same load',
  ];
}

/** The busy shares of the threads, or the lowest and the highest if there are many. */
function busyShares(threads: Result['cpu']['threads']): string {
  const shares = threads.map((thread) => thread.busyShare);
  if (shares.length <= SHARES_SHOWN_MAX)
    return shares.map((share) => (share === null ? NOTHING : formatShare(share))).join(', ');
  const known = shares.filter((share) => share !== null);
  if (known.length === 0) return NOTHING;
  return `${formatShare(Math.min(...known))} to ${formatShare(Math.max(...known))} (${threads.length} threads)`;
}
