/** What a run is told, and the record that it begins with. */
import { fingerprint } from '../../measure/fingerprint.ts';
import { isThisMachine } from '../../measure/own-addresses.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import type { Environment, StepMark } from '../../result/result-schema.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { RunRecord } from '../../verdict/run-record.ts';
import type { SwitchTarget } from '../worker/worker-messages.ts';
import { scenarioHash } from './scenario-hash.ts';

/** What to run. */
export interface RunOrder {
  readonly scenario: Scenario;
  readonly file: string;
  readonly plan: RunPlan;
  readonly id: string;
  readonly startedAt: Date;
  /** Which step of a series this is; null for a run by itself. */
  readonly step: StepMark | null;
  /** Where the switch is, if it is not part of the run. */
  readonly targets: readonly SwitchTarget[] | null;
}

/** What a run is on, before it starts. */
export function environmentNow(): Environment {
  return { ...fingerprint(), loadAfter: null };
}

/** The record of a run that has not started. */
export function emptyRecord(order: RunOrder, environment: Environment): RunRecord {
  const { scenario, targets } = order;
  return new RunRecord(
    {
      ...order,
      scenarioHash: scenarioHash(scenario.written),
      hasSwitch: targets === null,
      endsHere: targets?.every(({ host }) => isThisMachine(host)) === false ? 1 : 2,
    },
    environment,
  );
}
