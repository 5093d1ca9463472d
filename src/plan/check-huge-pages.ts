/** Whether large tables can lie on huge pages, where a scenario insists on it. */
import { TrunklineError } from '../base/errors.ts';
import type { MachineLimits } from '../measure/machine-limits.ts';
import type { ScenarioSettings } from '../scenario/scenario-schema.ts';

const COMMAND = 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled';

/** Why tables cannot be put on huge pages on this machine; null if they can. */
export function whyNoHugePages({ hugePages, hasSystemCalls }: MachineLimits): string | null {
  if (hugePages === null) return 'the kernel does not support transparent huge pages';
  if (hugePages === 'never') return `the kernel must not use huge pages: as root, ${COMMAND}`;
  return hasSystemCalls ? null : 'it needs Linux and the optional package koffi';
}

/** @throws PLAN_EXCEEDS_LIMIT if `memory.pages` is huge and this machine cannot. */
export function checkHugePages({ memory }: ScenarioSettings, limits: MachineLimits): void {
  const why = memory.pages === 'huge' ? whyNoHugePages(limits) : null;
  if (why === null) return;
  throw new TrunklineError(
    'PLAN_EXCEEDS_LIMIT',
    `memory.pages: expected huge pages to be available, but ${why}. Or use --set memory.pages=auto, which does without.`,
  );
}
