/** The end of traffic: waits until no message is in flight, then checks that none was lost. */

import {
  checkIntegrity,
  type Integrity,
  type QueuedDigest,
  unrestedIntegrity,
  withHttpMessages,
} from '../../../verdict/record/integrity.ts';
import type { RunSides } from '../../sides/run-sides.ts';
import type { RunControl } from '../control/run-control.ts';

const POLL_MILLIS = 20;
/** Number of polls without a change after which everything is at rest. */
const QUIET_POLLS = 10;
/** The same if the switch is not part of the run, so that its mailboxes are unknown, and not everything has arrived. */
const QUIET_POLLS_UNASKED = 50;
/** How often every thread must have answered without a change, before what is missing is called lost. */
const STILL_ANSWERS = 5;

/** Stops traffic and waits until everything has arrived, up to a time limit, even if the run was interrupted. */
export async function drain(
  sides: RunSides,
  control: RunControl,
  limitMicros: number,
  hasSwitch: boolean,
): Promise<Integrity> {
  await sides.lanes({ kind: 'stopTraffic' });
  const untilMicros = sides.clock.nowMicros() + limitMicros;
  for (;;) {
    const isAtRest = await rest(sides, control, untilMicros, hasSwitch);
    const integrity = await check(sides);
    if (!isAtRest) return unrestedIntegrity(integrity);
    const absent = absentPhones(sides);
    const mayComeBack = !hasSwitch && absent > sides.driver('loginsGivenUp');
    // Where a balance cannot be checked, nothing but rest says that all has arrived.
    const isOpen = (integrity.groups?.maybeRejected ?? 0) > 0;
    if (integrity.isSound === true && !mayComeBack && (!isOpen || (await isStill(sides, control)))) return integrity;
    // Quiet but not balanced: a phone that is offline may still confirm when it returns, or messages are lost.
    if (sides.clock.nowMicros() <= untilMicros) continue;
    if (integrity.isSound === true) return integrity;
    const isKnown = integrity.lost > 0 || absent === 0;
    return isKnown && (await isStill(sides, control)) ? integrity : unrestedIntegrity(integrity);
  }
}

async function check(sides: RunSides): Promise<Integrity> {
  const inspections = await sides.inspect(false);
  const findings = [...inspections.values()].flatMap((inspection) => inspection.findings);
  const { driver, gateway } = sides.counters();
  return checkIntegrity(withHttpMessages(driver, gateway), await waiting(sides), findings, absentPhones(sides));
}

/**
 * What waits in mailboxes. A switch that is killed forgets which recipients in groups it had rejected, and what it had
 * counted of them in its last moments, so where any process of the switch has rejected some, it is not known how many
 * there are.
 */
async function waiting(sides: RunSides): Promise<QueuedDigest | null> {
  const queued = await sides.queued();
  const wasKilled = (sides.switchControl?.kills ?? 0) > 0;
  if (queued?.groups === undefined || !wasKilled || sides.switch('groupRejected') === 0) return queued;
  return { ...queued, groups: { ...queued.groups, isForgotten: true } };
}

/** Phones that connect in this run and are not online now. */
function absentPhones(sides: RunSides): number {
  return Math.max(0, sides.plan.online - sides.driver('held'));
}

/**
 * Waits until no counter changes and nothing is unanswered.
 * @returns false if counters still changed at the time limit.
 */
export async function rest(
  sides: RunSides,
  control: RunControl,
  untilMicros: number,
  hasSwitch: boolean,
): Promise<boolean> {
  let quiet = 0;
  let last = standing(sides);
  while (quiet < (hasSwitch || hasAllArrived(sides) ? QUIET_POLLS : QUIET_POLLS_UNASKED)) {
    await control.waitToDrain(POLL_MILLIS);
    const now = standing(sides);
    quiet =
      now === last && sides.driver('messagesUnanswered') + sides.gateway('messagesUnanswered') === 0 ? quiet + 1 : 0;
    last = now;
    // The time limit applies only while counters change. If none does, missing messages are lost, however long it took.
    if (quiet === 0 && sides.clock.nowMicros() > untilMicros) return false;
  }
  return true;
}

/**
 * Whether nothing changes while every thread answers several times. On a busy machine a thread may have no turn for
 * longer than the polls of {@link rest} take, and what it has not handled yet is not lost. Whoever answers has had a
 * turn.
 */
async function isStill(sides: RunSides, control: RunControl): Promise<boolean> {
  const before = standing(sides);
  for (let n = 0; n < STILL_ANSWERS; n++) {
    await sides.queued();
    await sides.inspect(false);
    await control.waitToDrain(POLL_MILLIS);
    if (standing(sides) !== before) return false;
  }
  return true;
}

/** All counters that change while a message is in flight. */
function standing(sides: RunSides): string {
  return [
    sides.driver('messagesDelivered'),
    sides.driver('groupDeliveries'),
    sides.driver('messagesAcknowledged'),
    sides.driver('receipts'),
    sides.driver('readReceipts'),
    sides.switch('messagesConfirmed'),
    sides.switch('deliveries'),
    sides.switch('messagesQueued'),
    sides.switch('hopsIn'),
    sides.switch('groupAppended'),
    sides.switch('groupConfirmed'),
  ].join();
}

function hasAllArrived(sides: RunSides): boolean {
  const toPhones = sides.driver('messagesDelivered') + sides.driver('messagesForOffline');
  const arrived = toPhones + sides.driver('groupMessagesAcknowledged');
  return arrived + sides.driver('messagesRejected') >= sides.driver('messagesSent');
}
