/** The section of a result about phones that did not behave, from the record of a run. */
import type { MisfitsPart } from '../result/sections/misfits-schema.ts';
import { hasMisfits } from '../scenario/terms/has-misfits.ts';
import type { RunRecord } from './record/run-record.ts';

/** Null if all phones behaved. */
export function misfitsPart({ order, counters }: RunRecord): MisfitsPart | null {
  const { misfits } = order.plan.settings;
  if (!hasMisfits(misfits)) return null;
  const driver = (name: string): number => counters.driver[name] ?? 0;
  const ofSwitch = (name: string): number => counters.switch[name] ?? 0;
  const delivered = driver('hotMessagesDelivered');
  const groupDeliveries = driver('hotGroupDeliveries');
  return {
    stalledReaders: misfits.stalledReaders,
    deliveriesIgnored: driver('deliveriesIgnored'),
    hotMessagesSent: driver('hotMessagesSent'),
    hotMessagesDelivered: delivered,
    hotDeliveryMeanMicros: delivered === 0 ? null : driver('hotDeliveryMicros') / delivered,
    hotGroupMessagesSent: driver('hotGroupMessagesSent'),
    hotGroupDeliveries: groupDeliveries,
    hotGroupDeliveryMeanMicros: groupDeliveries === 0 ? null : driver('hotGroupDeliveryMicros') / groupDeliveries,
    refusedMailboxFull: driver('rejectedMailboxFull'),
    duplicateConnects: driver('duplicateConnects'),
    sessionsReplaced: ofSwitch('sessionsReplaced'),
    messagesSentAgain: driver('messagesSentAgain'),
    messagesRecognized: ofSwitch('messagesDuplicate') + ofSwitch('groupDuplicates'),
  };
}
