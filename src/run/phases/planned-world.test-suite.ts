/** The world of a plan, in virtual time: whatever a run over memory gets from its plan, the world gets as well. */
import type { RunPlan } from '../../plan/run-plan.ts';
import type { WorldSettings } from '../../simulate/world.ts';
import { entranceOf, laneSettings, tokenSigner } from '../worker/make-lane.ts';
import { authenticator, loginAdmission, shardSettings } from '../worker/make-shard.ts';

const RUN_TAG = 1;

/** @param turnMicros virtual time per turn. */
export function plannedWorld(plan: RunPlan, turnMicros: number): WorldSettings {
  const { settings, shape } = plan;
  const { workPerMessage } = settings.switch;
  const admission = loginAdmission(plan);
  return {
    seed: settings.seed,
    lanes: shape.lanes,
    shards: shape.shards,
    phones: plan.phones,
    online: plan.online,
    numbering: plan.numbering,
    entrance: entranceOf(plan),
    ringBytes: shape.connectionRingBytes,
    inboxBytes: shape.inboxBytes,
    mailboxBlocks: plan.mailboxBlocksPerShard,
    turnMicros,
    lane: laneSettings(plan, 0, { runTag: RUN_TAG, isCalibration: false }),
    shard: shardSettings(plan, 0),
    signer: tokenSigner(plan),
    authenticate: authenticator(plan),
    ...(workPerMessage === 0 ? {} : { workMicrosPerMessage: workPerMessage }),
    ...(admission === undefined ? {} : { loginAdmission: admission }),
  };
}
