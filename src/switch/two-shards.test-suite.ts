/** A switch of which one shard ends and starts again, with logs that outlast its shards. */
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { FrameType, readSerial } from '../wire/frames.ts';
import { readLoginCode } from '../wire/login.ts';
import { SmallSwitch, type SmallSwitchSettings } from './small-switch.test-suite.ts';

/** The shard that goes on, and the one that ends. */
export const HERE = 0;
export const ENDED = 1;
const ACCOUNTS = 40;

/** Two shards unless told otherwise, and the accounts that have their home on either. */
export class TwoShards {
  readonly small: SmallSwitch;
  readonly near: readonly number[];
  readonly far: readonly number[];
  readonly logs: readonly DelayedLog[];

  constructor(changes: SmallSwitchSettings = {}) {
    const shards = changes.shards ?? 2;
    this.logs = Array.from({ length: shards }, () => new DelayedLog());
    this.small = new SmallSwitch({
      shards,
      accounts: ACCOUNTS,
      heartbeatTimeoutMicros: Number.POSITIVE_INFINITY,
      loginTimeoutMicros: 100e6,
      redeliveryMicros: 100e6,
      durability: { acknowledgementsMax: 64, idWindowsMax: 256 },
      makeLog: (shard) => this.logs[shard] ?? new DelayedLog(),
      ...changes,
    });
    const accounts = Array.from({ length: ACCOUNTS }, (_, n) => n);
    this.near = accounts.filter((n) => this.small.homes.shardOf(n) === HERE);
    this.far = accounts.filter((n) => this.small.homes.shardOf(n) === ENDED);
  }

  /** The n-th account whose home is on this shard. */
  account(home: number, n: number): number {
    const account = (home === HERE ? this.near : this.far)[n];
    if (account === undefined) throw new Error(`no account ${n} on shard ${home}`);
    return account;
  }

  end(): void {
    this.small.end(ENDED);
    this.logs[ENDED]?.crash(0);
  }

  restart(): void {
    this.end();
    this.small.start(ENDED);
    this.small.settle();
  }

  /** Only one shard and the phones go on. */
  turn(shard: number): void {
    this.small.work(shard);
    this.small.listen();
  }

  loginCodes(client: number): number[] {
    return this.small.frames(client, FrameType.LOGIN_RESULT).map(({ body }) => readLoginCode(body, 0));
  }

  ids(client: number, type: number): number[] {
    return this.small.frames(client, type).map(({ body }) => readSerial(body, 0));
  }

  /** Sequence numbers of what a client was given. It confirms them all. */
  confirmAll(client: number): number {
    const given = this.ids(client, FrameType.DELIVER);
    const last = given.at(-1);
    if (last !== undefined) this.small.say(client, this.small.confirmation(last));
    this.small.settle();
    return given.length;
  }
}
