/** What a message cost in processor time, by side: its whole process, and of that its threads and the runtime's. */
import { formatMicros, formatShare } from '../../base/units.ts';
import type { Result } from '../../result/result-schema.ts';
import { columns } from '../text/columns.ts';
import { isDriverAlone } from './run-kind.ts';

/** Threads of a side that are shown one by one. */
const SHARES_SHOWN_MOST = 4;
/** Below it a thread sleeps more than it works, and waking it is much of what is paid. */
const BUSY_SHARE_LEAST = 0.5;
const NOTHING = '–';

export function processorLines(result: Result): string[] {
  const { cpu } = result;
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
    [`runtime: garbage collector, compiler, main thread; ${collections(result)}`, ...wakingNote(result)].join('; '),
  ];
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
  return `${count} ${count === 1 ? 'collection' : 'collections'} in threads (${formatMicros(pause)})`;
}

/**
 * A thread that sleeps is woken for a few messages, and that costs more than they do: at 500 messages/s a message was
 * seen to take 20 times the processor time of one in a run whose threads never sleep.
 */
export function wakingNote(result: Result): string[] {
  const busiest = Math.max(...result.cpu.threads.map(({ busyShare }) => busyShare ?? 1));
  if (result.cpu.threads.length === 0 || busiest >= BUSY_SHARE_LEAST) return [];
  return [
    'includes the cost of waking threads; per message up to 20 times that of a saturated run: compare at the same load',
  ];
}

/** Of each thread, or of the idlest and the busiest where there are many. */
function busyShares(threads: Result['cpu']['threads']): string {
  const shares = threads.map((thread) => thread.busyShare);
  if (shares.length <= SHARES_SHOWN_MOST)
    return shares.map((share) => (share === null ? NOTHING : formatShare(share))).join(', ');
  const known = shares.filter((share) => share !== null);
  if (known.length === 0) return NOTHING;
  return `${formatShare(Math.min(...known))} to ${formatShare(Math.max(...known))} (${threads.length} threads)`;
}
