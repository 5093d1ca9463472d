/** Memory of one process, and the parts of it that each side owns. */
import { type LedgerEntry, ledgerUsedBytes } from '../../base/ledger-entry.ts';
import { processMemory } from '../../measure/process-memory.ts';
import type { Inspection } from '../../verdict/record/run-record.ts';
import type { SideMemory } from './run-sides.ts';
import { isLane } from './thread-names.ts';

/** In bytes; null where this machine does not tell. */
export interface ProcessReading {
  readonly rssBytes: number;
  readonly pageTableBytes: number | null;
  readonly hugePageBytes: number | null;
  readonly switch: Pick<SideMemory, 'heapBytes' | 'ledgerBytes'>;
  readonly driver: Pick<SideMemory, 'heapBytes' | 'ledgerBytes'>;
  readonly ledger: readonly LedgerEntry[];
}

/** Reads the memory of this process. @param inspections what its threads have reported, by their names. */
export function readProcess(inspections: ReadonlyMap<string, Inspection>): ProcessReading {
  const { rssBytes, pageTableBytes, hugePageBytes } = processMemory();
  const heaps = { switch: 0, driver: 0 };
  const ledger: LedgerEntry[] = [];
  for (const [name, inspection] of inspections) {
    heaps[isLane(name) ? 'driver' : 'switch'] += inspection.heapUsedBytes;
    ledger.push(...inspection.ledger);
  }
  return {
    rssBytes,
    pageTableBytes,
    hugePageBytes,
    switch: { heapBytes: heaps.switch, ledgerBytes: ledgerUsedBytes(ledger, 'switch') },
    driver: { heapBytes: heaps.driver, ledgerBytes: ledgerUsedBytes(ledger, 'driver') },
    ledger,
  };
}
