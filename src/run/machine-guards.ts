/** What disturbs a measurement from outside: processor time that was taken away, and swapping. */
import { formatCount, formatShare } from '../base/units.ts';
import type { Guard } from '../result/result-schema.ts';
import { atMost, judged } from './guard.ts';
import type { Window } from './window.ts';

/** Starting values from the measuring protocol; to be calibrated with A/A runs. */
export const MACHINE_GUARD_LIMITS = { stealShareWarn: 0.01, stealShareMost: 0.03 } as const;

export function machineGuards(window: Window): Guard[] {
  const { throttledPeriods, swappedPages } = window;
  return [
    stealGuard(window.stealShare),
    atMost({
      name: 'throttling',
      figure: throttledPeriods,
      limit: 0,
      found: `throttled in ${formatCount(throttledPeriods)} periods`,
      allowed: 'at most 0',
      remedy: 'raise the processor limit of the container or cgroup (cpu.max), or take fewer threads than it has cores',
    }),
    atMost({
      name: 'swapping',
      figure: swappedPages,
      limit: 0,
      found: `${formatCount(swappedPages)} pages swapped`,
      allowed: 'at most 0',
      remedy: 'take fewer phones (--set phones.count=…), or free memory of the machine first',
    }),
  ];
}

function stealGuard(steal: number): Guard {
  const { stealShareMost, stealShareWarn } = MACHINE_GUARD_LIMITS;
  const reading = {
    name: 'processor steal',
    figure: steal,
    limit: stealShareMost,
    found: `${formatShare(steal)} of processor time went to other guests of the machine`,
    allowed: `at most ${formatShare(stealShareMost)}`,
    remedy: 'run where processors are not shared, or when the other guests are quiet',
  } as const;
  return judged(reading, steal > stealShareMost ? 'invalid' : steal > stealShareWarn ? 'warning' : 'ok');
}
