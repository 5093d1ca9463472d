import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { GroupPlan } from '../../wire/group-plan.ts';
import { HOME_SALT, Placement } from '../../wire/placement.ts';
import { GroupVersions } from './group-versions.ts';

const [PHONES, GROUPS, SHARDS] = [24, 9, 3];
const SHARD = 1;
const CHANGES_MAX = 8;

interface Membership {
  readonly group: number;
  readonly account: number;
}

const homes = new Placement(SHARDS, HOME_SALT);
const sizes = { median: 5, sigma: 0.5, max: 12 };
const plan = new GroupPlan({ seed: 3, firstAccount: PHONES, groups: GROUPS, lists: 2, phones: PHONES, sizes });
const settings = { plan, queueMax: 1, recentMax: 1, changesMax: CHANGES_MAX };
const groups = Array.from({ length: plan.count }, (_, g) => g).filter(
  (g) => homes.shardOf(plan.accountOf(g)) === SHARD,
);
const memberships = groups.flatMap((group) => Array.from({ length: PHONES }, (_, account) => ({ group, account })));
const key = ({ group, account }: Membership): string => `${group} ${account}`;
const isPlanned = ({ group, account }: Membership): boolean => plan.isMember(group, account);

/** The real thing beside sets of memberships: those of the present versions, and those that shards were told of. */
class Compared {
  readonly #versions: GroupVersions;
  readonly #now = new Set(memberships.filter(isPlanned).map(key));
  readonly #told = new Set(this.#now);
  #unsent: Membership[] = [];

  constructor(incarnation: number) {
    this.#versions = new GroupVersions({ homes, shard: SHARD }, settings, incarnation);
  }

  /** @returns the groups that have another version then. */
  change(one: Membership): readonly number[] {
    const differing = this.#differing();
    const hasRoom = differing.length < CHANGES_MAX || differing.some((other) => key(other) === key(one));
    assert.equal(this.#versions.change(one.group, one.account), hasRoom);
    if (!hasRoom) return [];
    toggle(this.#now, one);
    this.#unsent.push(one);
    return [one.group];
  }

  send(): readonly number[] {
    const one = this.#unsent.shift();
    if (one === undefined) return [];
    toggle(this.#told, one);
    this.#versions.changeIsSent(one.group, homes.shardOf(one.account), this.#told.has(key(one)));
    return [];
  }

  forget(shard: number): readonly number[] {
    const isLost = ({ account }: Membership): boolean => homes.shardOf(account) === shard;
    const lost = this.#differing().filter(isLost);
    for (const one of lost) toggle(this.#now, one);
    this.#unsent = this.#unsent.filter((one) => !isLost(one));
    for (const one of memberships)
      if (isLost(one) && isPlanned(one) !== this.#told.has(key(one))) toggle(this.#told, one);
    this.#versions.forgetShard(shard);
    return lost.map(({ group }) => group);
  }

  versions(): number[] {
    return groups.map((group) => this.#versions.versionOf(group));
  }

  check(): void {
    for (const group of groups) {
      const all = memberships.filter((one) => one.group === group);
      assert.equal(this.#versions.sizeOf(group), all.filter((one) => this.#now.has(key(one))).length);
      for (const one of all) assert.equal(this.#versions.isMember(group, one.account), this.#now.has(key(one)));
      for (let shard = 0; shard < SHARDS; shard++) {
        const has = all.some((one) => homes.shardOf(one.account) === shard && this.#told.has(key(one)));
        assert.equal(this.#versions.hasMembersOn(group, shard), has, `members of ${group} on ${shard}`);
      }
    }
  }

  #differing(): Membership[] {
    return memberships.filter((one) => this.#now.has(key(one)) !== isPlanned(one));
  }
}

function toggle(set: Set<string>, one: Membership): void {
  if (!set.delete(key(one))) set.add(key(one));
}

type Step = (compared: Compared) => readonly number[];
const change = fc.constantFrom(...memberships).map(
  (one): Step =>
    (compared) =>
      compared.change(one),
);
const send = fc.constant<Step>((compared) => compared.send());
const forget = fc.nat(SHARDS - 1).map(
  (shard): Step =>
    (compared) =>
      compared.forget(shard),
);
const step = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 4, arbitrary: send },
  { weight: 1, arbitrary: forget },
);

it('knows members, their number and their shards as sets do, through changes and the ends of shards', () => {
  assert.ok(groups.length >= 3, 'the shard is home of some groups');
  fc.assert(
    fc.property(fc.nat(3), fc.array(step, { maxLength: 40 }), (incarnation, steps) => {
      const compared = new Compared(incarnation);
      compared.check();
      for (const take of steps) {
        const before = compared.versions();
        const changed = take(compared);
        compared.check();
        const later = groups.filter((_, n) => (compared.versions()[n] ?? 0) > (before[n] ?? 0));
        assert.deepEqual(new Set(later), new Set(changed), 'each change makes a later version, and nothing else does');
      }
      const next = new Compared(incarnation + 1).versions();
      for (const [n, version] of compared.versions().entries()) assert.ok((next[n] ?? 0) > version);
    }),
  );
});
