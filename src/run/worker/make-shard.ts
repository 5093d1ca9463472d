/** Creates a shard, or the null shard for the calibration, from the plan and the memory of a run. */

import type { Clock } from '../../base/clock.ts';
import { messageDigestHigh, messageDigestLow } from '../../base/message-digest.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import { logFolder } from '../../disk/store-folder.ts';
import { storeDurability } from '../../plan/planned-store.ts';
import type { RunPlan } from '../../plan/run-plan.ts';
import { groupSettings, homesWith } from '../../plan/sizes/planned-groups.ts';
import { keepsWatches, watchesPerShard } from '../../plan/sizes/watches-per-shard.ts';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { VOLATILE } from '../../store/mailbox-store.ts';
import { spinningWork } from '../../switch/admission/message-work.ts';
import { NullShard } from '../../switch/null-shard.ts';
import { Shard } from '../../switch/shard.ts';
import { LoginAdmission, type LoginAdmissionSettings } from '../../switch/tables/login-admission.ts';
import type { Authenticator, ShardSettings } from '../../switch/terms/shard-settings.ts';
import { SwitchCounter } from '../../switch/terms/switch-counters.ts';
import type { UndeliveredInGroups } from '../../verdict/record/group-balance.ts';
import type { QueuedDigest } from '../../verdict/record/integrity.ts';
import { NumberingPlan } from '../../wire/numbering-plan.ts';
import { hugePageMemory } from './memory/huge-page-memory.ts';
import { mailboxMemory, residentBlocks } from './memory/mailbox-memory.ts';
import type { RunMemory } from './memory/run-memory.ts';
import { shardLog } from './store/shard-log.ts';
import type { SwitchEnd } from './thread/thread-end.ts';
import type { WorkerCommand } from './thread/worker-messages.ts';
import type { WorkerReactor } from './thread/worker-reactor.ts';
import { acceptEveryone, hmacAuthenticator } from './token-authority.ts';

export function makeShard(
  plan: RunPlan,
  memory: RunMemory,
  index: number,
  clock: Clock,
  end: SwitchEnd,
): WorkerReactor {
  const { settings } = plan;
  const { shards, gateways } = plan.shape;
  const bells = [
    ...Array.from({ length: shards }, (_, shard) => memory.shardBell(shard)),
    ...Array.from({ length: gateways }, (_, gateway) => memory.gatewayBell(gateway)),
  ];
  const { transport } = end;
  const tables = hugePageMemory(settings.memory.pages);
  const mailboxes = new MailboxIndex(plan.mailboxBlocksPerShard, memoryOfMailboxes(plan, index, tables));
  const { workPerMessage } = settings.switch;
  const settingsOfShard = shardSettings(plan, index);
  const admission = loginAdmission(plan);
  const { tickMicros } = settingsOfShard;
  const shard = new Shard(settingsOfShard, {
    transport,
    mailboxes,
    log: shardLog(plan, memory, index, clock),
    usedIds: memory.usedIds,
    authenticate: authenticator(plan),
    admission: admission && new LoginAdmission(clock, admission),
    memory: memory.inboxMemory(),
    inboxes: memory.inboxProducers(),
    inbox: memory.inbox(index),
    incarnations: new Int32Array(shards + gateways), // shards of a run are never restarted
    counters: memory.shardCounters(index),
    wakeShard: (other) => bells[other]?.ring(),
    tables,
    clock,
    ...(workPerMessage === 0 ? {} : { work: spinningWork(workPerMessage, clock) }),
  });
  const now = new Float64Array(1);
  return {
    doWork: () => {
      clock.tell(now);
      return shard.doWorkAt(((now[0] as number) / tickMicros) | 0); // its only element
    },
    hasInput: () => shard.hasInput(),
    untilDueMicros: (microsMax) => shard.untilDueMicros(microsMax),
    ledger: () => [...shard.ledger(), ...end.ledger(), ...mailboxes.ledger()],
    findings: () => [],
    command: (command) => obey(shard, mailboxes, end, plan.idsBefore, command),
  };
}

function memoryOfMailboxes({ store, storePlace }: RunPlan, shard: number, tables: TableMemory): TableMemory {
  if (store === null || storePlace === null) return tables;
  return mailboxMemory(logFolder(storePlace.folder, shard), store.residentBytes, tables);
}

/** What checks the login tokens of phones in this plan. */
export function authenticator({ settings }: RunPlan): Authenticator {
  const { authentication, secret } = settings.login;
  return authentication === 'hmac' ? hmacAuthenticator(secret) : acceptEveryone;
}

/** How each shard paces logins in this plan; undefined if it does not. */
export function loginAdmission({ settings }: RunPlan): LoginAdmissionSettings | undefined {
  const { rate, burst } = settings.switch.admission.logins;
  return rate === 'none' ? undefined : { perSecond: rate, burst };
}

function obey(
  shard: Shard,
  mailboxes: MailboxIndex,
  end: SwitchEnd,
  idsBefore: number,
  command: WorkerCommand,
): unknown {
  switch (command.kind) {
    case 'queued':
      return { ...queuedDigest(mailboxes, idsBefore), groups: undeliveredInGroups(shard, mailboxes, idsBefore) };
    case 'beginStopping':
      shard.beginStopping();
      return null;
    default:
      return end.command(command);
  }
}

/** A shard that only echoes; see NullShard. */
export function makeNullShard(plan: RunPlan, memory: RunMemory, index: number, end: SwitchEnd): WorkerReactor {
  const shard = new NullShard(shardSettings(plan, index), end.transport, memory.shardCounters(index));
  return {
    doWork: () => shard.doWork(),
    hasInput: () => shard.hasInput(),
    untilDueMicros: (microsMax) => microsMax,
    ledger: () => end.ledger(),
    findings: () => [],
    command: (command) => end.command(command),
  };
}

/** The settings of a shard in this plan. */
export function shardSettings(plan: RunPlan, shard: number): ShardSettings {
  const { settings } = plan;
  const { mailbox, loginTimeout, questions, partialFrames, admission } = settings.switch;
  return {
    shard,
    sessions: plan.sessionsPerShard,
    plan: new NumberingPlan(plan.numbering),
    homes: homesWith(plan.groups, plan.shape.shards),
    peers: plan.shape.shards + plan.shape.gateways,
    heartbeatTimeoutMicros: plan.heartbeatTimeoutMicros,
    loginTimeoutMicros: loginTimeout,
    redeliveryMicros: mailbox.redelivery,
    messagesPerAccount: mailbox.messagesPerAccount,
    residentBlocks: plan.store === null ? undefined : residentBlocks(plan.store.residentBytes),
    groups:
      plan.groups === null
        ? undefined
        : { ...groupSettings(plan.groups, plan.shape.shards), idsBefore: plan.idsBefore },
    durability: plan.store === null ? VOLATILE : storeDurability(plan.store),
    deliveryWindow: mailbox.deliveryWindow,
    questionsMax: questions,
    partialFramesMax: partialFrames,
    watchMax: settings.switch.presence.watchMax,
    watchesMax: watchesPerShard(plan),
    keepsWatches: keepsWatches(plan),
    inputsPerTurn: plan.shardLoop.inputsPerTurn,
    tickMicros: plan.shardLoop.timerResolutionMicros,
    admissionDelayMicros: admission.delay,
  };
}

/**
 * What a shard has of messages to groups, and could not give to members, for checking integrity.
 * @param idsBefore the id before those of this run: messages of earlier runs are left out.
 */
export function undeliveredInGroups(shard: Shard, mailboxes: MailboxIndex, idsBefore: number): UndeliveredInGroups {
  const { low, high } = shard.rejectedInGroups;
  const rejected = shard.counters[SwitchCounter.groupRejected] ?? 0;
  const found = { queued: 0, queuedLow: 0, queuedHigh: 0, rejected, rejectedLow: low, rejectedHigh: high };
  mailboxes.forEachGroupMessage((author, id) => {
    const number = serialDistance(id, idsBefore);
    if (number <= 0) return;
    found.queued++;
    found.queuedLow = (found.queuedLow + messageDigestLow(author, number)) | 0;
    found.queuedHigh = (found.queuedHigh + messageDigestHigh(author, number)) | 0;
  });
  return found;
}

/**
 * @param idsBefore the id before those of this run: messages of earlier runs, which were in the store, are counted
 *   apart.
 */
function queuedDigest(mailboxes: MailboxIndex, idsBefore: number): QueuedDigest {
  const digest = { messages: 0, low: 0, high: 0, earlier: 0 };
  mailboxes.forEachMessage((sender, id) => {
    const number = serialDistance(id, idsBefore);
    if (number <= 0) {
      digest.earlier++;
      return;
    }
    digest.messages++;
    digest.low = (digest.low + messageDigestLow(sender, number)) | 0;
    digest.high = (digest.high + messageDigestHigh(sender, number)) | 0;
  });
  return digest;
}
