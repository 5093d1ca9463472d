/** The section of a result about the faults of the switch, from the record of a run. */
import type { FaultResult } from '../result/sections/faults-schema.ts';
import { faultText } from './record/declared-disturbances.ts';
import type { SwitchFault } from './record/switch-fault.ts';

export function faultsPart(faults: readonly SwitchFault[]): FaultResult[] {
  return faults.map((fault) => {
    const [back50, back90, back99] = fault.backMicros;
    return {
      what: faultText(fault.declared),
      isKill: fault.declared.kill !== undefined,
      atSeconds: fault.atMicros / 1e6,
      sessions: fault.sessions,
      presentSeconds: seconds(fault.presentMicros),
      restoreSeconds: seconds(fault.restoreMicros),
      restoredEntries: fault.restoredEntries,
      back50Seconds: seconds(back50),
      back90Seconds: seconds(back90),
      back99Seconds: seconds(back99),
      acknowledgedSeconds: seconds(fault.acknowledgedMicros),
    };
  });
}

function seconds(micros: number | null): number | null {
  return micros === null ? null : micros / 1e6;
}
