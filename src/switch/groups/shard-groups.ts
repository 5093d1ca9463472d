/**
 * Groups and broadcast lists on one shard: the home of some of them, and the members of all who have their home here.
 * A shard without groups has none of this.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import type { TableMemory } from '../../base/table-memory.ts';
import type { MailboxIndex } from '../../store/mailbox-index.ts';
import type { MailboxStore } from '../../store/mailbox-store.ts';
import { NO_GROUP } from '../../wire/group-plan.ts';
import type { AccountHome } from '../homes/account-home.ts';
import type { Hops } from '../homes/hops.ts';
import { type LocalSessions, SessionAnswers } from '../homes/session-answers.ts';
import { AddressLayout } from '../tables/address-layout.ts';
import type { RowPrefetch } from '../tables/row-prefetch.ts';
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { FanOuts } from './fan-outs.ts';
import { GroupHome, type HomeOfGroups } from './group-home.ts';
import { GroupReceipts } from './group-receipts.ts';
import { GroupRestore } from './group-restore.ts';
import { GroupVersions } from './group-versions.ts';
import { OwedReceipts } from './owed-receipts.ts';
import { RecentMessages } from './recent-messages.ts';
import { StoredGroupHome } from './stored-group-home.ts';
import { TakenItems } from './taken-items.ts';

/** What groups need of the shard. */
export interface GroupParts {
  readonly accounts: AccountHome;
  readonly store: MailboxStore;
  readonly mailboxes: MailboxIndex;
  readonly hops: Hops;
  readonly counters: Float64Array;
  readonly sessions: LocalSessions;
  readonly rows: RowPrefetch;
  /** How often this shard had been started before. */
  readonly incarnation: number;
  readonly tables?: TableMemory | undefined;
}

/** What groups that are stored have besides. */
interface StoredGroups {
  readonly home: StoredGroupHome;
  readonly items: TakenItems;
  readonly restore: GroupRestore;
}

export class ShardGroups {
  readonly home: HomeOfGroups;
  /** Undefined if they end with the shard. */
  readonly stored: StoredGroups | undefined;
  readonly receipts: GroupReceipts;
  readonly fanOuts: FanOuts;
  readonly #recent: RecentMessages;
  readonly #versions: GroupVersions;
  readonly #settings: GroupSettings;

  constructor(settings: ShardSettings, groups: GroupSettings, parts: GroupParts) {
    const { accounts, store, mailboxes, hops, counters, sessions } = parts;
    const { shared } = mailboxes;
    const addresses = AddressLayout.of(settings);
    const answers = new SessionAnswers(addresses, hops, counters, sessions);
    this.#settings = groups;
    const items = store.isDurable ? new TakenItems(settings, groups, { store, mailboxes, hops }) : undefined;
    const forFanOuts = { shared, accounts, hops, counters, rows: parts.rows, items };
    this.fanOuts = new FanOuts(settings, groups, forFanOuts, parts.tables);
    this.#recent = new RecentMessages(groups.recentMax, store.isDurable ? settings.homes.shards : 0);
    this.receipts = new GroupReceipts(this.#recent, accounts.pump.passages, counters);
    // Versions that are stored go on.
    this.#versions = new GroupVersions(settings, groups, store.isDurable ? 0 : parts.incarnation);
    const common = { hops, counters, answers, fanOuts: this.fanOuts, recent: this.#recent, versions: this.#versions };
    if (items === undefined) {
      this.home = new GroupHome(settings, groups, { ...common, shared, receipts: this.receipts });
    } else {
      const owed = new OwedReceipts(settings, {
        store,
        hops,
        counters,
        recent: this.#recent,
        receipts: this.receipts,
        items,
      });
      const home = new StoredGroupHome(settings, groups, {
        ...common,
        store,
        mailboxes,
        accounts: accounts.accounts,
        addresses,
        owed,
      });
      items.connect(home);
      this.home = home;
      const restore = new GroupRestore({ ...common, plan: groups.plan, owed, home, items });
      this.stored = { home, items, restore };
    }
    this.fanOuts.connect(this.home);
  }

  ledger(): LedgerEntry[] {
    const entry = (name: string, bytes: number): LedgerEntry => {
      return { owner: 'switch', name, bytes, rowBytes: 0, rowsUsed: 0 };
    };
    const queueBytes = this.home.bytes + this.receipts.bytes + this.fanOuts.bytes + (this.stored?.items.bytes ?? 0);
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
    const isStoring = this.stored?.items.waits === true;
    return this.home.waits || this.receipts.waits || this.fanOuts.waits || isStoring;
  }

  /** Sends what homes have accepted, and gives it to members. @returns how much it did. */
  doWork(): number {
    const done = this.home.doWork() + this.receipts.doWork() + this.fanOuts.doWork();
    return done + (this.stored?.items.doWork() ?? 0);
  }

  /** A shard has ended, and another has taken its place. @returns false until there is room to note it. */
  forgetShard(shard: number): boolean {
    this.home.forgetShard(shard);
    return this.stored !== undefined || this.fanOuts.forgetHome(shard);
  }
}
