/**
 * The end of a connection, whichever side ends it, whenever, and with whatever under way: each side is told once, and
 * the row is free again. Part of the compliance suite.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CloseReason } from '../wire/transport.ts';
import { type MakeEnds, Pair, send } from './transport-pair.test-suite.ts';

/** `talk`: bytes both ways, not flushed. */
type Act = 'talk' | 'hangUp' | 'vanish' | 'throwOut';

/** Fewer rows than there are cases: one that keeps its row leaves none for the last ones. */
const SLOTS = 12;

/** Every order of talking, of the phone's end and of the switch's, where somebody ends it who is heard. */
function everyOrder(): Act[][] {
  const orders = (acts: readonly Act[]): Act[][] =>
    acts.length === 0
      ? [[]]
      : acts.flatMap((act) => orders(acts.filter((one) => one !== act)).map((rest) => [act, ...rest]));
  return [
    ...orders(['talk', 'hangUp', 'throwOut']),
    ...orders(['talk', 'vanish', 'throwOut']),
    ...orders(['talk', 'hangUp']),
    ...orders(['talk', 'throwOut']),
  ];
}

class Line {
  readonly #pair: Pair;
  readonly #token: number;
  readonly #phone: number;
  readonly #slot: number;
  readonly #endsBefore: number;
  #hasLeft = false;

  constructor(pair: Pair, token: number, { phone, slot }: { phone: number; slot: number }) {
    this.#pair = pair;
    this.#token = token;
    this.#phone = phone;
    this.#slot = slot;
    this.#endsBefore = this.#switchEnds();
  }

  act(act: Act): void {
    const { phones, shard } = this.#pair.ends;
    const wasTold = this.#pair.phoneSide.hasClosed(this.#token);
    const isGone = this.#switchEnds() > this.#endsBefore;
    if (act === 'talk') {
      if (!this.#hasLeft && !wasTold) send(phones, this.#phone, [1, 2, 3]);
      if (!isGone) send(shard, this.#slot, [4, 5, 6]);
    } else if (act === 'throwOut') {
      if (isGone) return;
      shard.close(this.#slot, CloseReason.HEARTBEAT_MISSED);
      shard.close(this.#slot, CloseReason.VIOLATION); // whoever closes twice has closed once
    } else if (!wasTold) {
      if (act === 'hangUp') phones.close(this.#phone, CloseReason.PHONE_LEFT);
      else phones.vanish(this.#phone);
      this.#hasLeft = true;
    }
  }

  /** Both ends are over, and what there is to release is released. */
  async end(what: string): Promise<void> {
    const { phoneSide, ends } = this.#pair;
    // The phone's release is what the switch's close waits for, over memory; over sockets nobody waits.
    const wasTold = (): boolean => phoneSide.hasClosed(this.#token);
    if (!this.#hasLeft) {
      await this.#pair.until(wasTold, `${what}: the phone is told`);
      ends.phones.release(this.#phone);
    }
    await this.#pair.until(() => this.#switchEnds() > this.#endsBefore, `${what}: the switch is told`);
    ends.shard.release(this.#slot);
    for (let n = 0; n < 4; n++) await this.#pair.step();
    assert.equal(this.#switchEnds(), this.#endsBefore + 1, `${what}: the switch is told once`);
    // An end that was on its way when the phone left still comes, with the old number.
    const told = phoneSide.lines.filter((line) => line.startsWith(`closed ${this.#token} `)).length;
    assert.ok(this.#hasLeft ? told <= 1 : told === 1, `${what}: the phone is told ${told} times`);
  }

  #switchEnds(): number {
    return this.#pair.switchSide.lines.filter((line) => line.startsWith(`closed ${this.#slot} `)).length;
  }
}

export function closesInEveryState(make: MakeEnds): void {
  for (const isPausing of [false, true]) {
    it(`ends in every order of talking and ending, ${isPausing ? 'each heard before the next' : 'all at once'}`, async (test) => {
      const pair = await Pair.of(test, make(SLOTS));
      for (const [token, acts] of everyOrder().entries()) {
        const line = new Line(pair, token, await pair.open(token));
        for (const act of acts) {
          line.act(act);
          for (let n = 0; isPausing && n < 4; n++) await pair.step();
        }
        await line.end(acts.join(', '));
      }
    });
  }
}
