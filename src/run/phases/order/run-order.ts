/** The order of a run, and its initial record. */
import { fingerprint } from '../../../measure/fingerprint.ts';
import { isOwnAddress } from '../../../measure/is-own-address.ts';
import type { RunPlan } from '../../../plan/run-plan.ts';
import type { StepMark } from '../../../result/result-schema.ts';
import type { Environment } from '../../../result/sections/environment-schema.ts';
import type { Scenario } from '../../../scenario/scenario.ts';
import { TRANSPORTS } from '../../../scenario/terms/transports.ts';
import { RunRecord } from '../../../verdict/record/run-record.ts';
import type { SwitchTarget } from '../../worker/thread/worker-messages.ts';
import { scenarioHash } from './scenario-hash.ts';

/** What to run. */
export interface RunOrder {
  readonly scenario: Scenario;
  readonly file: string;
  readonly plan: RunPlan;
  readonly id: string;
  readonly startedAt: Date;
  /** The step of a series that this run is; null if it is not a step. */
  readonly step: StepMark | null;
  /** The folder of the store, if the user names one; otherwise a run with a store has a temporary one. */
  readonly storeFolder?: string;
  /** Addresses of the switch if it is not part of the run; otherwise null. */
  readonly targets: readonly SwitchTarget[] | null;
}

/** The environment of a run before it starts. */
export function environmentNow(): Environment {
  return { ...fingerprint(), loadAfter: null };
}

/** The record of a run that has not started. */
export function emptyRecord(order: RunOrder, environment: Environment): RunRecord {
  const { scenario, targets, plan } = order;
  const isSplit = targets?.every(({ host }) => isOwnAddress(host)) === false;
  return new RunRecord(
    {
      ...order,
      scenarioHash: scenarioHash(scenario.written),
      hasSwitch: targets === null,
      endsHere: isSplit || TRANSPORTS[plan.settings.transport].hasOwnNetwork ? 1 : 2,
    },
    environment,
  );
}
