/** Fills the groups of a shard, at their homes and among their members, from what the log has kept. */
import { TrunklineError } from '../../base/errors.ts';
import { serialDistance } from '../../base/serial-distance.ts';
import { GroupItem, type MailboxEntry } from '../../store/mailbox-entry.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import type { GroupRecords, OpenItem } from '../../store/restore-mailboxes.ts';
import type { GroupPlan } from '../../wire/group-plan.ts';
import type { FanOuts } from './fan-outs.ts';
import type { GroupVersions } from './group-versions.ts';
import type { OwedReceipts } from './owed-receipts.ts';
import { type RecentMessages, UNKNOWN } from './recent-messages.ts';
import type { StoredGroupHome } from './stored-group-home.ts';
import type { TakenItems } from './taken-items.ts';

export interface GroupRestoreParts {
  readonly plan: GroupPlan;
  readonly versions: GroupVersions;
  readonly recent: RecentMessages;
  readonly owed: OwedReceipts;
  readonly home: StoredGroupHome;
  readonly items: TakenItems;
  readonly fanOuts: FanOuts;
}

/** An item that not all shards have. */
interface WaitingItem {
  readonly item: number;
  readonly group: number;
  readonly name: number;
  readonly sequence: number;
  readonly version: number;
  readonly members: number;
}

/** Numbers by two numbers. */
type Pairs<Value> = Map<number, Map<number, Value>>;

/**
 * Its tables are as long as what the log has kept, and are emptied after that: at most one value for each group, for
 * each change that the store thread knows (store/durable/group-state.ts), and for each item in the mailbox of a group
 * or owed.
 */
export class GroupRestore implements GroupRecords {
  readonly #parts: GroupRestoreParts;
  readonly #versions = new Map<number, number>();
  /** By group and account: whether it is a member after its newest change. */
  readonly #changes: Pairs<boolean> = new Map();
  /** By group and row of this shard: the same. */
  readonly #members: Pairs<boolean> = new Map();
  /** By row of a group, oldest first. */
  readonly #waiting = new Map<number, WaitingItem[]>();
  /** By row of a group and sequence number: author and id of a message that is not settled. */
  readonly #owed: Pairs<readonly [author: number, id: number]> = new Map();

  constructor(parts: GroupRestoreParts) {
    this.#parts = parts;
  }

  item(entry: MailboxEntry, name: number): void {
    const { plan, owed } = this.#parts;
    const { item, accountRow, sequence, version, members, sender, id } = entry;
    const group = plan.groupAt(entry.group);
    this.#versions.set(group, version);
    if (item === GroupItem.MESSAGE) put(this.#owed, accountRow, sequence, [sender, id] as const);
    else put(this.#changes, group, sender, item === GroupItem.JOIN);
    owed.remember(entry);
    const waiting = { item, group, name, sequence, version, members };
    const before = this.#waiting.get(accountRow);
    if (before === undefined) this.#waiting.set(accountRow, [waiting]);
    else before.push(waiting);
  }

  itemsRemoved(accountRow: number, sequence: number): void {
    const items = this.#waiting.get(accountRow);
    if (items === undefined) return;
    const first = items.findIndex((item) => serialDistance(item.sequence, sequence) > 0);
    items.splice(0, first < 0 ? items.length : first);
  }

  noted(note: number, subject: number, sequence: number, detail: number): void {
    const { plan, items, recent } = this.#parts;
    if (note === GroupNote.SETTLED) {
      const [author, id] = this.#owed.get(subject)?.get(sequence) ?? [];
      if (author === undefined || id === undefined) return;
      const place = recent.find(author, id);
      if (place !== UNKNOWN && recent.sequence(place) === sequence) recent.setItem(place, subject, sequence, false);
      return;
    }
    items.setStored(subject, sequence);
    if (note !== GroupNote.TAKEN) put(this.#members, plan.groupAt(subject), detail, note === GroupNote.JOINED);
    else if (detail !== 0) items.setRejected(subject, sequence);
  }

  restored(open: ReadonlyMap<number, OpenItem>, sequences: ReadonlyMap<number, number>): void {
    const { versions, home, items, fanOuts } = this.#parts;
    for (const [group, accounts] of this.#changes) {
      for (const [account, isMember] of accounts) {
        if (versions.isMember(group, account) !== isMember && !versions.change(group, account)) throw tooManyChanges();
      }
    }
    for (const [group, version] of this.#versions) versions.setVersion(group, version);
    for (const [group, rows] of this.#members) {
      for (const [row, isMember] of rows) fanOuts.setMember(group, row, isMember);
    }
    for (const waiting of this.#waiting.values()) {
      for (const { item, group, name, version, members } of waiting)
        home.restoreItem(item, group, name, version, members);
    }
    home.restored();
    items.restored(open, sequences);
    for (const map of [this.#versions, this.#changes, this.#members, this.#waiting, this.#owed]) map.clear();
  }
}

function put<Value>(pairs: Pairs<Value>, one: number, other: number, value: Value): void {
  const of = pairs.get(one);
  if (of === undefined) pairs.set(one, new Map([[other, value]]));
  else of.set(other, value);
}

function tooManyChanges(): TrunklineError {
  return new TrunklineError(
    'STORE_EXCEEDS_INDEX',
    'Expected the members of groups in the store to differ from their plan as little as this switch has room for, found more. Start the version of trunkline that wrote the store.',
  );
}
