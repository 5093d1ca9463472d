/** The world of a plan, in virtual time: whatever a run over memory gets from its plan, the world gets as well. */
import type { RunPlan } from '../../plan/run-plan.ts';
import { entranceOf, laneSettings, tokenSigner } from './make-lane.ts';
import { authenticator, loginAdmission, shardSettings } from './make-shard.ts';

const RUN_TAG = 1;

/**
 * Fits the settings of a World, which is in `simulate`: neither layer imports the other.
 * @param turnMicros virtual time per turn.
 */
export function plannedWorld(plan: RunPlan, turnMicros: number) {
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
