/** The home of groups, as far as it owes ✓✓, with shards that do as a test says. */
import assert from 'node:assert/strict';
import { blankEntry, GroupItem, type MailboxEntry } from '../../store/mailbox-entry.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { SWITCH_COUNTERS } from '../terms/switch-counters.ts';
import { OwedReceipts } from './owed-receipts.ts';
import { RecentMessages } from './recent-messages.ts';

export const [OWN, OTHER] = [0, 1];
export const SHARDS = 2;
export const ROW = 3;
export const AUTHOR = 7;
const NO_PAYLOAD = new DataView(new ArrayBuffer(0));

/** A home with everything that it does to others, in order. */
export class OwingHome {
  readonly did: string[] = [];
  readonly counters = new Float64Array(SWITCH_COUNTERS.length);
  hasRoom = true;
  readonly recent: RecentMessages;
  readonly owed: OwedReceipts;

  /** @param recentMax messages that it remembers. */
  constructor(recentMax = 64) {
    const homes = new Placement(SHARDS, HOME_SALT);
    this.recent = new RecentMessages(recentMax, SHARDS);
    this.owed = new OwedReceipts(
      { homes, shard: OWN },
      {
        counters: this.counters,
        recent: this.recent,
        store: {
          note: (note, row, sequence) => {
            assert.equal(note, GroupNote.SETTLED);
            this.did.push(`settled ${row}/${sequence}`);
            return true;
          },
        },
        hops: {
          write: {
            askItem: (shard, account, _author, id, sequence) => {
              if (!this.hasRoom) return false;
              assert.equal(account, homes.accountAt(OWN, ROW));
              this.did.push(`asks ${shard} about ${id}/${sequence}`);
              return true;
            },
          },
        },
        receipts: {
          done: (author, id, isRejected) => {
            const place = this.recent.find(author, id);
            this.recent.setShardsLeft(place, this.recent.shardsLeft(place) - 1);
            this.did.push(`${id} done${isRejected ? ', rejected' : ''}`);
          },
        },
        items: { ask: (_account, _author, id, sequence) => this.did.push(`asks itself about ${id}/${sequence}`) },
      },
    );
  }

  /** An item of the group with this id, which is also its sequence number. */
  remember(id: number, item: number = GroupItem.MESSAGE): void {
    const entry: MailboxEntry = { ...blankEntry(NO_PAYLOAD), accountRow: ROW, sequence: id, sender: AUTHOR, id, item };
    this.owed.remember(entry);
  }

  /** What it has done since the last time. */
  get news(): string[] {
    return this.did.splice(0);
  }

  work(turns = 4): string[] {
    for (let n = 0; n < turns; n++) this.owed.doWork();
    return this.news;
  }
}
