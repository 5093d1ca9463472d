/** What trials wait for, on sides whose figures change at the looks that a test says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RampOutcome } from '../../verdict/record/ramp-outcome.ts';
import { ScriptedSides, scriptedPlan } from '../sides/scripted-sides.test-suite.ts';
import { RunControl } from './control/run-control.ts';
import { TrialWaits } from './trial-waits.ts';
import { withoutWaiting } from './without-waiting.test-suite.ts';

const PHONES = 1000;
/** In the long run a fifth of them is away. */
const COMING_AND_GOING = [
  'platforms=[{name: A, share: 100%, heartbeat: 1m, session: 20s, away: 5s}]',
  'phones.heartbeat=1m',
];
const RAMP: RampOutcome = { readings: [], arrivingMicros: 1e6, isComplete: true, stopped: null };

class MadeWaits {
  readonly sides: ScriptedSides;
  readonly waits: TrialWaits;
  readonly interruption = new AbortController();
  /** How often figures were read. */
  looks = 0;

  constructor(...settings: string[]) {
    this.sides = new ScriptedSides(scriptedPlan(`phones.count=${PHONES}`, ...settings));
    const control = new RunControl(this.interruption.signal, this.sides.failure);
    this.waits = new TrialWaits(this.sides.plan, this.sides, control);
  }

  /** Waits; before each look the test sets figures, by its number from 1 on. @returns what the wait returned. */
  while<T>(wait: (waits: TrialWaits) => Promise<T>, change: (look: number) => void): Promise<T> {
    this.looks = 0;
    this.sides.onRefresh = async () => change(++this.looks);
    return withoutWaiting(() => wait(this.waits));
  }
}

const begin = (waits: TrialWaits): Promise<void> => waits.begin();
const returns = (waits: TrialWaits): Promise<string | null> => waits.returns(false);

describe('the wait for phones that are away when traffic begins', () => {
  it('lasts until the last lane has let them leave', async () => {
    const made = new MadeWaits();
    const { ofDriver } = made.sides; // until the first look, figures are from before traffic
    await made.while(begin, (look) => {
      ofDriver.lanesBeginning = look < 5 ? 2 : look < 8 ? 1 : 0;
    });
    assert.equal(made.looks, 8);
  });

  it('lasts until those who watch them are told, but for a few that have no room for it', async () => {
    const made = new MadeWaits();
    const { ofDriver, ofSwitch } = made.sides;
    ofDriver.held = 10_000;
    await made.while(begin, (look) => {
      ofSwitch.presenceWaiting = look < 6 ? 27 : 26; // 16, and a thousandth of the phones
    });
    assert.equal(made.looks, 6);
  });

  it('has a limit, and says what still went on', async () => {
    for (const [waiting, says] of [
      [
        { lanesBeginning: 1 },
        /^After 600 s phones still left that are away when traffic begins;.*phones\.count=.*driver\.lanes=/,
      ],
      [
        { presenceWaiting: 5000 },
        /^After 600 s notices still waited that those phones have left;.*phones\.count=.*switch\.shards=/,
      ],
    ] as const) {
      const made = new MadeWaits();
      Object.assign(made.sides.ofDriver, waiting);
      Object.assign(made.sides.ofSwitch, waiting);
      const failed = made.while(begin, () => made.sides.pass(60e6));
      await assert.rejects(failed, { code: 'RUN_FAILED', message: says });
      assert.ok(made.looks >= 10 && made.looks <= 12, `${made.looks} looks, one per minute`);
    }
  });

  it('ends when the run is interrupted', async () => {
    const made = new MadeWaits();
    made.sides.ofDriver.lanesBeginning = 1;
    const ended = made.while(begin, (look) => {
      if (look === 3) made.interruption.abort();
    });
    await assert.rejects(ended, { name: 'RunEnded', why: 'interrupted' });
    assert.equal(made.looks, 3);
  });
});

describe('the wait after a trial', () => {
  /** Unanswered messages at each look; the last one stays. @returns how often it looked. */
  async function looksAt(unanswered: readonly number[], passMicros = 0, perSecond = 1000): Promise<number> {
    const made = new MadeWaits(...COMING_AND_GOING);
    const until = made.sides.clock.nowMicros() + 15e6;
    await made.while(
      (waits) => waits.answers(until, perSecond),
      (look) => {
        made.sides.ofDriver.messagesUnanswered = unanswered[Math.min(look, unanswered.length) - 1] ?? 0;
        made.sides.pass(passMicros);
      },
    );
    return made.looks;
  }

  it('lasts until all messages are answered', async () => {
    assert.equal(await looksAt([9000, 5000, 100, 50, 0]), 5);
  });

  it('does not wait for phones that left before an answer came, which answer a few as they return', async () => {
    assert.equal(await looksAt([9000, 5000, 600, 590, 574, 558]), 6, 'three times in a row few');
    assert.equal(await looksAt([9000, 5000, 600, 590, 573, 571, 570, 570]), 8, 'more than 16');
    assert.equal(
      await looksAt([9000, 5000, 4900, 4800, 4700], 0, 100_000),
      5,
      'a thousandth of what is sent per second',
    );
  });

  it('waits out a switch that stands still for a moment', async () => {
    assert.equal(await looksAt([9000, 9000, 9000, 4000, 0]), 5);
  });

  it('has a limit', async () => {
    const looks = await looksAt(
      Array.from({ length: 100 }, (_, n) => 1e6 - 1000 * n),
      1e6,
    );
    assert.ok(looks >= 14 && looks <= 16, `${looks} looks in 15 seconds`);
  });
});

describe('the wait before a trial', () => {
  /** How many must be connected: it waits with `few`, and ends with `enough`. */
  async function assertWaitsFor(made: MadeWaits, few: number, enough: number): Promise<void> {
    const { ofDriver } = made.sides;
    ofDriver.held = PHONES; // as of the last look of an earlier wait
    const disturbedBy = await made.while(returns, (look) => {
      ofDriver.held = look < 4 ? few : enough;
    });
    assert.deepEqual([disturbedBy, made.looks], [null, 4]);
  }

  it('lasts until as many are connected as the plan has, but for chance and a thousandth', async () => {
    const made = new MadeWaits(...COMING_AND_GOING);
    made.sides.ofDriver.held = 950; // some have not left yet
    made.waits.settled(RAMP);
    // 800, less four standard deviations of the difference of two counts of the 200 that are away
    await assertWaitsFor(made, 800 - 84, 800 - 78);
  });

  it('does not count on those that have given up their login', async () => {
    const made = new MadeWaits(...COMING_AND_GOING);
    made.sides.ofDriver.loginsGivenUp = PHONES / 2;
    made.waits.settled(RAMP);
    await assertWaitsFor(made, 400 - 142, 400 - 136);
  });

  it('lasts until as many are connected as after the ramp, where the plan does not say', async () => {
    for (const [settings, ramp] of [
      [[], RAMP],
      [COMING_AND_GOING, { ...RAMP, isComplete: false }],
      [COMING_AND_GOING, null],
    ] as const) {
      const made = new MadeWaits(...settings);
      made.sides.ofDriver.held = 600;
      made.waits.settled(ramp);
      await assertWaitsFor(made, 600 - 117, 600 - 110);
    }
  });

  it('lasts until no notices of presence wait, but for a few', async () => {
    const made = new MadeWaits(...COMING_AND_GOING);
    const { ofDriver, ofSwitch } = made.sides;
    made.waits.settled(RAMP);
    ofDriver.held = 800;
    const disturbedBy = await made.while(returns, (look) => {
      ofSwitch.presenceWaiting = look < 5 ? 17 : 16;
    });
    assert.deepEqual([disturbedBy, made.looks], [null, 5]);
  });

  it('has a limit, after which it says what is missing, and since when', async () => {
    const cases: readonly (readonly [held: number, waiting: number, isBeforeTrials: boolean, says: RegExp])[] = [
      [
        500,
        0,
        false,
        /^300 phones had not come back 180 s after an earlier trial that the switch did not carry; .*--from, --to/,
      ],
      [500, 5000, true, /^300 phones had not come back 180 s after the phones had settled; /],
      [800, 5000, true, /^notices of presence still waited 180 s after the phones had settled; /],
    ];
    for (const [held, presenceWaiting, isBeforeTrials, says] of cases) {
      const made = new MadeWaits(...COMING_AND_GOING);
      made.waits.settled(RAMP);
      Object.assign(made.sides.ofDriver, { held });
      Object.assign(made.sides.ofSwitch, { presenceWaiting });
      const disturbedBy = await made.while(
        (waits) => waits.returns(isBeforeTrials),
        () => made.sides.pass(20e6),
      );
      assert.match(disturbedBy ?? '', says);
      assert.ok(made.looks >= 9 && made.looks <= 11, `${made.looks} looks, three per minute`);
    }
  });

  it('ends when the run is interrupted', async () => {
    const made = new MadeWaits(...COMING_AND_GOING);
    made.waits.settled(RAMP);
    const ended = made.while(returns, (look) => {
      if (look === 3) made.interruption.abort();
    });
    await assert.rejects(ended, { name: 'RunEnded', why: 'interrupted' });
    assert.equal(made.looks, 3);
  });
});
