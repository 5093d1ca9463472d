/**
 * What a shard is given besides its settings: its connections, memory, log and clock, and how it reaches other shards.
 */
import type { Clock } from '../base/clock.ts';
import type { TableMemory } from '../base/table-memory.ts';
import type { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import type { RingMemory } from '../ring/ring-layout.ts';
import type { MailboxIndex } from '../store/mailbox-index.ts';
import type { MailboxLog } from '../store/mailbox-log.ts';
import type { UsedIds } from '../store/used-ids.ts';
import type { Transport } from '../wire/transport.ts';
import type { MessageWork } from './admission/message-work.ts';
import type { LoginAdmission } from './tables/login-admission.ts';
import type { Authenticator } from './terms/shard-settings.ts';

export interface ShardParts {
  readonly transport: Transport;
  /** Empty: it is filled from the log. */
  readonly mailboxes: MailboxIndex;
  /** What outlasts the shard: pass the log of a shard that has ended to the one that takes its place. */
  readonly log: MailboxLog;
  /**
   * What logs know of the ids of phones, which are told at login; filled from the log. Without it phones that are
   * unknown are told 0. All shards must have read their logs before the first login.
   */
  readonly usedIds?: UsedIds | undefined;
  readonly authenticate: Authenticator;
  /** Paces logins; all are admitted without it. */
  readonly admission?: LoginAdmission | undefined;
  /** Memory of all inboxes. */
  readonly memory: RingMemory;
  /** Producers for the inboxes of all shards, including this one, and of all gateways after them. */
  readonly inboxes: readonly ManyToOneProducer[];
  readonly inbox: ManyToOneConsumer;
  /** How often each shard, this one included, had been started before. A shard that starts again tells the others. */
  readonly incarnations: ArrayLike<number>;
  /** This shard's row of counters. */
  readonly counters: Float64Array;
  /** Wakes a shard or a gateway. */
  readonly wakeShard: (shard: number) => void;
  /** Memory of the tables of sessions and accounts; plain memory if it is not given. */
  readonly tables?: TableMemory;
  /** Needed where the settings bound how long input waits. */
  readonly clock?: Clock;
  /** Work for each message besides the shard's own; none if it is not given. */
  readonly work?: MessageWork;
}
