/**
 * Memory of large tables, on huge pages where that is asked for. A table is advised before it is first touched, because
 * the kernel chooses the size of a page when it is first written to. Only whole huge pages inside a table can be huge,
 * so small tables are left alone: they would gain little, and their memory would grow in steps of 2 MiB.
 */
import { PLAIN_MEMORY, type SharedTableMemory, type TableMemory } from '../../../base/table-memory.ts';
import type { ScenarioSettings } from '../../../scenario/scenario-schema.ts';
import {
  Linux,
  loadSystemCalls,
  type SystemCalls,
  whyNoSystemCalls,
} from '../../../transport/tcp/system/system-calls.ts';

/**
 * Tables from this size on are advised. Their misses in the second-level TLB (1,536 to 2,048 entries of 4 KiB) are then
 * nearly certain.
 */
export const HUGE_TABLE_BYTES_MIN = 64 * 2 ** 20;
/** The same where a scenario asks for huge pages: half of the reach of that TLB, whose entries all tables share. */
export const ASKED_TABLE_BYTES_MIN = 4 * 2 ** 20;
/** Size of a huge page on x86-64, and on arm64 with base pages of 4 KiB. */
const HUGE_PAGE_BYTES = 2 ** 21;

/**
 * The memory of the tables of one thread. With `huge`, smaller tables are advised too. With `auto`, and where it is not
 * possible, large tables lie on base pages.
 */
export function hugePageMemory(pages: ScenarioSettings['memory']['pages']): TableMemory & SharedTableMemory {
  const advice = pages === 'base' ? Linux.MADV_NOHUGEPAGE : Linux.MADV_HUGEPAGE;
  const bytesMin = pages === 'huge' ? ASKED_TABLE_BYTES_MIN : HUGE_TABLE_BYTES_MIN;
  const advised = <Table extends Int32Array>(table: Table): Table => {
    // Only a thread with such a table loads the system calls, whose code takes heap. Where there are none, `huge` was
    // refused.
    if (table.byteLength >= bytesMin && whyNoSystemCalls() === null) advise(loadSystemCalls(), table, advice);
    return table;
  };
  return {
    words: (count) => advised(PLAIN_MEMORY.words(count)),
    sharedWords: (count) => advised(PLAIN_MEMORY.sharedWords(count)),
  };
}

/** A kernel that refuses the advice leaves base pages; the result states how much memory is on huge ones. */
function advise(calls: SystemCalls, table: Int32Array, advice: number): void {
  const start = calls.addressOf(new Uint8Array(table.buffer, 0, 1)); // a view has at most 4 GiB, a table may have more
  const first = Math.ceil(start / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
  const end = Math.floor((start + table.byteLength) / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
  calls.adviseMemory(first, end - first, advice);
}
