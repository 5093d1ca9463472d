/**
 * Versions of the groups of a home: who is a member in the present one, how many are, and which shards are home of
 * some.
 *
 * Members are those of the plan and of the changes since (MembershipChanges); the rest are columns by row of a group. A
 * change is in the next version at once, and its shard counts it only when the change was sent there: until then,
 * messages of earlier versions are ahead of it in the home's queue.
 *
 * All of this is lost when the shard ends, and begins again with the plan and a version above all earlier ones.
 */
import type { GroupSettings, ShardSettings } from '../terms/shard-settings.ts';
import { MembershipChanges } from './membership-changes.ts';

/** Versions of one incarnation: those of the next are higher. */
const INCARNATION_VERSIONS = 2 ** 20;

/** Which groups a shard is home of. */
type HomeSettings = Pick<ShardSettings, 'homes' | 'shard'>;

export class GroupVersions {
  readonly #settings: HomeSettings;
  readonly #groups: GroupSettings;
  readonly #changes: MembershipChanges;
  /** By row of a group of this home: version and number of members. */
  readonly #versions: Int32Array;
  readonly #sizes: Int32Array;
  /** By row and shard: the members whose home it is, in the version that was sent last. */
  readonly #counts: Int32Array;
  /** Row of the accounts of a shard that group 0 has or would have. */
  readonly #firstRow: number;

  /** @param incarnation how often this shard had been started before. */
  constructor(settings: HomeSettings, groups: GroupSettings, incarnation: number) {
    const { plan } = groups;
    const { homes } = settings;
    this.#settings = settings;
    this.#groups = groups;
    this.#changes = new MembershipChanges(plan, groups.changesMax);
    this.#firstRow = homes.rowOf(plan.accountOf(0));
    const rows = homes.rowsFor(plan.accountOf(plan.count)) - this.#firstRow;
    this.#versions = new Int32Array(rows).fill(incarnation * INCARNATION_VERSIONS);
    this.#sizes = new Int32Array(rows);
    this.#counts = new Int32Array(rows * homes.shards);
    for (let group = 0; group < plan.count; group++) {
      if (!this.#isOwn(group)) continue;
      this.#sizes[this.#rowOf(group)] = plan.sizeOf(group);
      for (let k = 0; k < plan.sizeOf(group); k++) this.#addTo(group, homes.shardOf(plan.memberAt(group, k)), 1);
    }
  }

  /** Bytes of what is kept for each group. */
  get groupBytes(): number {
    return this.#versions.byteLength + this.#sizes.byteLength + this.#counts.byteLength;
  }

  /** Bytes of the changes since the plan. */
  get changeBytes(): number {
    return this.#changes.bytes;
  }

  /** The present version of a group of this home. */
  versionOf(group: number): number {
    return this.#versions[this.#rowOf(group)] as number; // a group of this home has a row, here and below
  }

  /** Members of a group of this home. */
  sizeOf(group: number): number {
    return this.#sizes[this.#rowOf(group)] as number;
  }

  isMember(group: number, account: number): boolean {
    return this.#changes.isMember(group, account);
  }

  /** Whether a shard is home of members, in the version that was sent last. */
  hasMembersOn(group: number, shard: number): boolean {
    return this.#counts[this.#countPlace(group, shard)] !== 0;
  }

  /**
   * Makes a member of an account that is none, or the other way round, in the next version.
   * @returns false if too many memberships differ from the plan already.
   */
  change(group: number, account: number): boolean {
    if (!this.#changes.change(group, account)) return false;
    this.#resize(group, this.#changes.isMember(group, account) ? 1 : -1);
    return true;
  }

  /** Sets the version that was stored last. */
  setVersion(group: number, version: number): void {
    this.#versions[this.#rowOf(group)] = version;
  }

  /** A change was sent to the shard that is home of its account. */
  changeIsSent(group: number, shard: number, isMember: boolean): void {
    this.#addTo(group, shard, isMember ? 1 : -1);
  }

  /**
   * A shard has ended, and with it the changes of members whose home it is. This looks at all groups at once, which
   * only a crash costs.
   */
  forgetShard(shard: number): void {
    const { homes } = this.#settings;
    const lost: [group: number, account: number][] = [];
    this.#changes.forEach((group, account) => {
      if (homes.shardOf(account) === shard) lost.push([group, account]);
    });
    for (const [group, account] of lost) this.change(group, account);
    const { plan } = this.#groups;
    for (let group = 0; group < plan.count; group++) {
      if (!this.#isOwn(group)) continue;
      this.#counts[this.#countPlace(group, shard)] = 0;
      for (let k = 0; k < plan.sizeOf(group); k++) {
        if (homes.shardOf(plan.memberAt(group, k)) === shard) this.#addTo(group, shard, 1);
      }
    }
  }

  #isOwn(group: number): boolean {
    return this.#settings.homes.shardOf(this.#groups.plan.accountOf(group)) === this.#settings.shard;
  }

  #rowOf(group: number): number {
    return this.#settings.homes.rowOf(this.#groups.plan.accountOf(group)) - this.#firstRow;
  }

  /** The next version of a group, with more or fewer members. */
  #resize(group: number, members: number): void {
    const row = this.#rowOf(group);
    this.#sizes[row] = (this.#sizes[row] as number) + members;
    this.#versions[row] = ((this.#versions[row] as number) + 1) | 0;
  }

  #countPlace(group: number, shard: number): number {
    return this.#rowOf(group) * this.#settings.homes.shards + shard;
  }

  #addTo(group: number, shard: number, members: number): void {
    const place = this.#countPlace(group, shard);
    this.#counts[place] = (this.#counts[place] as number) + members;
  }
}
