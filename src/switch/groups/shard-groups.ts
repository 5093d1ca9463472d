/**
 * Groups and broadcast lists on one shard: the home of some of them, and the members of all who have their home here.
 * A shard without groups has none of this.
 */
import type { LedgerEntry } from '../../base/ledger.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import type { AccountHome } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import { type LocalSessions, SessionAnswers } from '../homes/session-answers.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { FanOuts } from './fan-outs.ts';
import { GroupHome } from './group-home.ts';
import { GroupReceipts } from './group-receipts.ts';
import { GroupVersions } from './group-versions.ts';
import { RecentMessages } from './recent-messages.ts';

/** What groups need of the shard. */
export interface GroupParts {
  readonly accounts: AccountHome;
  readonly mailboxes: MailboxIndex;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly sessions: LocalSessions;
  readonly rows: RowPrefetch;
  /** How often this shard had been started before. */
  readonly incarnation: number;
  readonly tables?: TableMemory | undefined;
}

export class ShardGroups {
  readonly home: GroupHome;
  readonly receipts: GroupReceipts;
  readonly fanOuts: FanOuts;
  readonly #recent: RecentMessages;
  readonly #versions: GroupVersions;
  readonly #settings: GroupSettings;

  constructor(settings: ShardSettings, groups: GroupSettings, parts: GroupParts) {
    const { accounts, mailboxes, hops, counters, sessions, incarnation } = parts;
    const { shared } = mailboxes;
    const addresses = AddressLayout.of(settings);
    const answers = new SessionAnswers(addresses, hops, counters, sessions);
    this.#settings = groups;
    this.fanOuts = new FanOuts(settings, groups, { shared, accounts, hops, counters, rows: parts.rows }, parts.tables);
    this.#recent = new RecentMessages(groups.recentMax);
    this.receipts = new GroupReceipts(this.#recent, accounts.pump.passages, counters);
    this.#versions = new GroupVersions(settings, groups, incarnation);
    this.home = new GroupHome(settings, groups, {
      shared,
      hops,
      counters,
      answers,
      fanOuts: this.fanOuts,
      recent: this.#recent,
      receipts: this.receipts,
      versions: this.#versions,
    });
    this.fanOuts.connect(this.receipts);
  }

  ledger(): LedgerEntry[] {
    const entry = (name: string, bytes: number): LedgerEntry => {
      return { owner: 'switch', name, bytes, rowBytes: 0, rowsUsed: 0 };
    };
    const queueBytes = this.home.bytes + this.receipts.bytes + this.fanOuts.bytes;
    return [
      entry('groups: members', this.fanOuts.memberBytes),
      entry('groups: versions and counts', this.#versions.groupBytes),
      entry('groups: queues and recent messages', queueBytes + this.#versions.changeBytes + this.#recent.bytes),
    ];
  }

  isGroup(account: number): boolean {
    return this.#settings.plan.groupAt(account) !== NO_GROUP;
  }

  /** Whether something waits for room, of which no event tells. */
  get waits(): boolean {
    return this.home.waits || this.receipts.waits || this.fanOuts.waits;
  }

  /** Sends what homes have accepted, and gives it to members. @returns how much it did. */
  doWork(): number {
    return this.home.doWork() + this.receipts.doWork() + this.fanOuts.doWork();
  }

  /** A shard has ended, and another has taken its place. @returns false until there is room to note it. */
  forgetShard(shard: number): boolean {
    this.home.forgetShard(shard);
    return this.fanOuts.forgetHome(shard);
  }
}
