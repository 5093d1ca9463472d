/** What a shard has taken of the items of groups, with a log and hops that do as a test says. */
import assert from 'node:assert/strict';
import { MailboxIndex } from '../../store/mailbox-index.ts';
import { GroupNote } from '../../store/mailbox-log.ts';
import { GroupPlan } from '../../wire/group-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { ItemState } from './item-state.ts';
import { TakenItems } from './taken-items.ts';

export const SHARDS = 2;
const PHONES = 8;
export const QUEUE_MAX = 4;
export const AUTHOR = 5;
const sizes = { median: 4, sigma: 0, max: 4 };
const plan = new GroupPlan({ seed: 1, firstAccount: PHONES, groups: 6, lists: 0, phones: PHONES, sizes });
const homes = new Placement(SHARDS, HOME_SALT);
const [HERE, THERE] = [0, 1];

function groupAt(shard: number): number {
  const accounts = Array.from({ length: plan.count }, (_, group) => plan.accountOf(group));
  return accounts.find((account) => homes.shardOf(account) === shard) ?? assert.fail('each shard is home of groups');
}
export const [LOCAL, REMOTE] = [groupAt(HERE), groupAt(THERE)];

export class Taking {
  readonly did: string[] = [];
  readonly index = new MailboxIndex(64);
  /** Author and id of messages that members have not confirmed. */
  readonly unconfirmed: [number, number][] = [];
  isLogFull = false;
  hasRoom = true;
  openBatch = 1;
  completed = 0;
  readonly items: TakenItems;

  constructor() {
    const say = (text: string): boolean => {
      if (this.hasRoom) this.did.push(text);
      return this.hasRoom;
    };
    const { unconfirmed, index } = this;
    const state = this;
    this.items = new TakenItems(
      { homes, shard: HERE },
      { plan, queueMax: QUEUE_MAX },
      {
        store: {
          note: (note, account, sequence, detail) => {
            if (this.isLogFull) return false;
            const name = Object.entries(GroupNote).find(([, one]) => one === note)?.[0];
            this.did.push(`notes ${name} ${nameOf(account)}/${sequence}, ${detail}`);
            return true;
          },
          get openBatch() {
            return state.openBatch;
          },
          isComplete: (batch) => batch <= this.completed,
        },
        mailboxes: {
          shared: index.shared,
          forEachSharedPayload: () => {},
          forEachGroupMessage: (visit) => {
            for (const [author, id] of unconfirmed) visit(author, id, 0);
          },
        },
        hops: {
          write: {
            itemTaken: (to, account, shard, sequence) => {
              assert.deepEqual([to, shard], [THERE, HERE]);
              return say(`tells ${nameOf(account)}/${sequence}`);
            },
            itemAnswer: (to, shard, _author, id, answer) => {
              assert.deepEqual([to, shard], [THERE, HERE]);
              return say(`answers ${id}: ${stateOf(answer)}`);
            },
          },
        },
      },
    );
    this.items.connect({
      taken: (account, _shard, sequence) => void this.did.push(`tells ${nameOf(account)}/${sequence}`),
      answered: (_shard, _author, id, answer) => void this.did.push(`answers ${id}: ${stateOf(answer)}`),
    });
  }

  work(): string[] {
    this.items.doWork();
    return this.did.splice(0);
  }

  /** Takes an item of a group whose records are complete. */
  store(account: number, sequence: number, hasRejected = false): void {
    assert.ok(this.items.isNew(account, sequence));
    assert.ok(this.items.take(account, sequence, hasRejected));
    this.completed = this.openBatch++;
    this.work();
  }
}

export const nameOf = (account: number): string => (account === LOCAL ? 'local' : 'remote');
const stateOf = (state: number): string | undefined => Object.entries(ItemState).find(([, one]) => one === state)?.[0];
