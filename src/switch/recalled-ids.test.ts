/**
 * A switch that starts again from its logs, whose phones and businesses have forgotten which ids they had used: it
 * tells them, so that no new message is taken for one that is stored.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { UsedIds } from '../store/used-ids.ts';
import { FrameType } from '../wire/frames.ts';
import { readLoginHighestId } from '../wire/login.ts';
import type { GatewayListener } from './gateway.ts';
import { MESSAGE_ACCEPTED } from './homes/account-home.ts';
import { SmallSwitch } from './small-switch.test-suite.ts';

const ACCOUNTS = 10;
const BUSINESSES = 2;
const SHARDS = 3;

/** A switch and those that start again from its logs. */
class Restarted {
  readonly #logs = Array.from({ length: SHARDS }, () => new DelayedLog());
  readonly #tells: boolean;
  usedIds: UsedIds;
  small: SmallSwitch;

  constructor(tells = true) {
    this.#tells = tells;
    [this.small, this.usedIds] = this.#open();
  }

  restart(): void {
    for (const log of this.#logs) log.crash(log.incomplete);
    [this.small, this.usedIds] = this.#open();
  }

  /** A phone logs in. @returns the highest id that it is told. */
  online(account: number): number {
    this.small.online(account, account, account % SHARDS);
    this.settle();
    const [result] = this.small.frames(account, FrameType.LOGIN_RESULT);
    assert.ok(result !== undefined);
    return readLoginHighestId(result.body, 0);
  }

  send(account: number, id: number, to: number): void {
    this.small.say(account, this.small.message(id, to));
    this.settle();
  }

  settle(): void {
    for (let n = 0; n < 6; n++) this.small.settle();
  }

  delivered(account: number): number {
    return this.small.frames(account, FrameType.DELIVER).length;
  }

  #open(): [SmallSwitch, UsedIds] {
    const usedIds = new UsedIds(new SharedArrayBuffer(UsedIds.bytes(ACCOUNTS + BUSINESSES)));
    const small = new SmallSwitch({
      ...{ shards: SHARDS, accounts: ACCOUNTS, businesses: BUSINESSES, deliveryWindow: 64, messagesPerAccount: 64 },
      ...{ questionsMax: 64, inboxBytes: 2 ** 17 },
      durability: { acknowledgementsMax: 64, idWindowsMax: 64 },
      makeLog: (shard) => this.#logs[shard] ?? new DelayedLog(),
      ...(this.#tells ? { usedIds } : {}),
    });
    return [small, usedIds];
  }
}

describe('a switch that starts again from its logs', () => {
  it('tells each phone the newest id that it had used to anyone, and delivers what it sends after it', () => {
    const stored = new Restarted();
    for (let account = 0; account < ACCOUNTS; account++) assert.equal(stored.online(account), 0, 'nothing is stored');
    for (let account = 0; account < ACCOUNTS; account++) {
      for (let id = 1; id <= 3; id++) stored.send(account, 1000 * (account + 1) + id, (account + id) % ACCOUNTS);
    }
    stored.restart();
    for (let account = 0; account < ACCOUNTS; account++)
      assert.equal(stored.online(account), 1000 * (account + 1) + 3, `phone ${account}`);
    const before = stored.delivered(1);
    stored.send(0, 1004, 1);
    assert.equal(stored.delivered(1), before + 1);
    assert.equal(stored.small.count('messagesDuplicate'), 0);
  });

  it('knows a message that a phone sends again, also one that is older than what it was told', () => {
    const stored = new Restarted();
    stored.online(0);
    stored.online(1);
    for (let id = 41; id <= 44; id++) stored.send(0, id, 1);
    stored.restart();
    assert.equal(stored.online(0), 44);
    stored.online(1);
    const before = stored.delivered(1);
    for (let id = 42; id <= 44; id++) stored.send(0, id, 1);
    assert.equal(stored.small.frames(0, FrameType.ACKNOWLEDGED).length, 3);
    assert.equal(stored.delivered(1), before, 'none is delivered again');
    stored.send(0, 40, 2);
    assert.equal(stored.small.count('messagesAccepted'), 1, 'one that is not stored is accepted');
  });

  it('says 0 without the table, as to phones that remember', () => {
    const stored = new Restarted(false);
    stored.online(0);
    stored.send(0, 41, 1);
    stored.restart();
    assert.equal(stored.online(0), 0);
  });

  it('sends messages of businesses with ids that none of them had used', () => {
    const stored = new Restarted();
    const codes: number[] = [];
    const ignore = (): void => {};
    const listener: GatewayListener = { answered: (_, code) => codes.push(code), located: ignore, givenUp: ignore };
    const send = (times: number): void => {
      const { usedIds } = stored;
      const gateway = stored.small.openGateway(listener, (account) => usedIds.newest(account));
      for (let n = 0; n < times; n++) {
        assert.ok(gateway.send(1, 4, new TextEncoder().encode(`text ${n}`), 0) >= 0);
        stored.settle();
      }
    };
    stored.online(4);
    send(5);
    stored.restart();
    stored.online(4);
    const before = stored.delivered(4);
    send(3);
    assert.deepEqual(codes, new Array(8).fill(MESSAGE_ACCEPTED));
    assert.equal(stored.delivered(4), before + 3, 'each is a message of its own');
  });
});
