/** Guards against disturbances from outside: processor time of other programs and guests, throttling, and swapping. */
import { formatCount, formatShare } from '../../base/units.ts';
import type { Guard } from '../../result/result-schema.ts';
import type { Window } from '../record/window.ts';
import { atMost, judged } from './guard-reading.ts';

/**
 * Chosen with the measuring protocol, and hardly ever reached: in 64 results in results/reference at most 0.06 % of
 * processor time was stolen, so they say nothing about 1 % and 3 %. In two of them other programs took 22 and 23 %, and
 * threads waited for less than 6 % of the time: those runs are valid. In others threads waited for up to 55 %, for each
 * other.
 */
export const MACHINE_GUARD_LIMITS = {
  stealShareWarn: 0.01,
  stealShareMax: 0.03,
  othersShareMax: 0.1,
  waitShareMax: 0.1,
} as const;

/** @param hasSwitch whether the switch is part of the run; a switch outside the run counts as another program. */
export function machineGuards(window: Window, hasSwitch: boolean): Guard[] {
  const { throttledPeriods, swappedPages } = window;
  return [
    stealGuard(window.stealShare),
    ...(hasSwitch ? [othersGuard(window)] : []),
    atMost({
      name: 'throttling',
      figure: throttledPeriods,
      limit: 0,
      found: `throttled in ${formatCount(throttledPeriods)} periods`,
      allowed: 'at most 0',
      remedy: 'raise the processor limit of the container or cgroup (cpu.max), or use fewer threads than it has cores',
    }),
    atMost({
      name: 'swapping',
      figure: swappedPages,
      limit: 0,
      found: `${formatCount(swappedPages)} pages swapped`,
      allowed: 'at most 0',
      remedy: 'use fewer phones (--set phones.count=…), or free memory first',
    }),
  ];
}

/**
 * Other programs do no harm while there are enough processors. The guard trips if they take much processor time and
 * threads of the run also wait for a processor.
 */
function othersGuard(window: Window): Guard {
  const { othersShareMax, waitShareMax } = MACHINE_GUARD_LIMITS;
  const { otherProgramsShare: others, longestWaitShare: wait } = window;
  const reading = {
    name: 'other programs',
    figure: others,
    limit: othersShareMax,
    found: `other programs took ${formatShare(others)} of processor time, and a thread of the run waited ${formatShare(wait)} of the time for a processor`,
    allowed: `at most ${formatShare(othersShareMax)} where threads wait more than ${formatShare(waitShareMax)}`,
    remedy: 'stop other programs on this machine during the run',
  } as const;
  return judged(reading, others > othersShareMax && wait > waitShareMax ? 'invalid' : 'ok');
}

function stealGuard(steal: number): Guard {
  const { stealShareMax, stealShareWarn } = MACHINE_GUARD_LIMITS;
  const reading = {
    name: 'processor steal',
    figure: steal,
    limit: stealShareMax,
    found: `${formatShare(steal)} of processor time went to other virtual machines`,
    allowed: `at most ${formatShare(stealShareMax)}`,
    remedy: 'use a machine whose processors are not shared, or run when the other virtual machines are idle',
  } as const;
  return judged(reading, steal > stealShareMax ? 'invalid' : steal > stealShareWarn ? 'warning' : 'ok');
}
