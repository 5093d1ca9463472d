/** The only limit of a run over memory: the size of its tables, compared with free memory. */

import { RESERVE_BYTES } from '../base/reserve-bytes.ts';
import { formatShort, roundDown } from '../base/units.ts';
import type { MachineLimits } from '../measure/machine-limits.ts';
import { phonesWithin, plannedBytes, type RunPlan } from './run-plan.ts';
import { checkLimit, MEMORY_LIMIT, type PlanCheck } from './sockets/plan-check.ts';
import type { MemoryShare } from './sockets/socket-memory.ts';

/** The parts of the memory, including the reserve, as in a plan over sockets. */
export function simulatedMemory(plan: RunPlan): MemoryShare[] {
  return [...plan.memory, { what: 'reserve, kept free', bytes: RESERVE_BYTES, isPerPhone: false }];
}

/** Simulated phones for which there is memory, with the rest of the plan unchanged; null if free memory is unknown. */
export function simulatedPhonesThatFit(plan: RunPlan, limits: MachineLimits): number | null {
  if (limits.memoryFreeBytes === null) return null;
  return phonesWithin(plan, limits.memoryFreeBytes - RESERVE_BYTES);
}

/** Whether the plan fits this machine. */
export function simulatedMemoryCheck(plan: RunPlan, limits: MachineLimits): PlanCheck {
  const fitting = simulatedPhonesThatFit(plan, limits) ?? 0;
  return checkLimit({
    what: MEMORY_LIMIT,
    setBy: 'MemFree + Cached + Buffers',
    unit: 'bytes',
    needed: plannedBytes(plan) + RESERVE_BYTES,
    allowed: limits.memoryFreeBytes,
    consequence: `the out-of-memory killer would end it; about ${formatShort(fitting)} simulated phones would fit`,
    otherwise: 'refuse',
    commands: () => [
      fitting > 0
        ? `--set phones.count=${roundDown(fitting)}`
        : '--set switch.mailbox.blocks=… --set rings.connection=…   # tables that do not depend on the phones',
    ],
  });
}
