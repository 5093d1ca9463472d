/**
 * Whole shards under random events, in any order, against a naive model of who is logged in; and a look
 * at whether these have walked the whole table of states and events.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FrameType } from '../../wire/frames.ts';
import { readLoginCode } from '../../wire/login.ts';
import { SmallSwitch } from '../small-switch.test-suite.ts';
import { isPossible, nextState, SESSION_STATES, SessionEvent, SessionState } from './session-states.ts';
import { SessionTable } from './session-table.ts';

const CLIENTS = 7;
const ACCOUNTS = 3;
const TICK_MICROS = 1000;
const LOGIN_MICROS = 3000;
const HEARTBEAT_MICROS = 4000;

const client = fc.nat(CLIENTS - 1);
const account = fc.nat(ACCOUNTS - 1);
const shard = fc.nat(1);
const holdsBack = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20) });
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const step = fc.oneof(
  { weight: 120, arbitrary: fc.record({ kind: kind('work'), shard }) },
  { weight: 80, arbitrary: fc.record({ kind: kind('listen'), events: fc.nat(6) }) },
  { weight: 60, arbitrary: fc.record({ kind: kind('connect'), client, shard }) },
  { weight: 100, arbitrary: fc.record({ kind: kind('login'), client, account, holdsBack }) },
  { weight: 80, arbitrary: fc.record({ kind: kind('message'), client, account, holdsBack }) },
  { weight: 30, arbitrary: fc.record({ kind: kind('ping'), client, holdsBack }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('wrong'), client, holdsBack }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('logout'), client, holdsBack }) },
  { weight: 30, arbitrary: fc.record({ kind: kind('hangUp'), client }) },
  { weight: 10, arbitrary: fc.record({ kind: kind('vanish'), client }) },
  { weight: 60, arbitrary: fc.record({ kind: kind('time'), micros: fc.nat(2 * TICK_MICROS) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('stop') }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Half a frame gives way to another's, of a connection that has been ended while its home was asked: few meet that by chance. */
const evictedWhileEnding: Step[] = [
  ...[0, 1, 2, 3].map((who): Step => ({ kind: 'connect', client: who, shard: 0 })),
  { kind: 'work', shard: 0 },
  { kind: 'listen', events: 4 },
  { kind: 'login', client: 0, account: 0, holdsBack: 0 },
  { kind: 'login', client: 2, account: 1, holdsBack: 0 },
  { kind: 'login', client: 3, account: 2, holdsBack: 0 },
  { kind: 'work', shard: 0 },
  // Client 0 does not listen, so the end of its session does not come, and this login waits until its time is out.
  { kind: 'login', client: 1, account: 0, holdsBack: 0 },
  { kind: 'ping', client: 1, holdsBack: 1 },
  { kind: 'work', shard: 0 },
  { kind: 'time', micros: LOGIN_MICROS + TICK_MICROS },
  { kind: 'work', shard: 0 },
  { kind: 'ping', client: 2, holdsBack: 1 },
  { kind: 'ping', client: 3, holdsBack: 1 },
  { kind: 'work', shard: 0 },
];

/** What the clients of one run have said, and what they still hold back. */
class Speech {
  readonly #small: SmallSwitch;
  readonly #ids = new Map<number, number>();
  readonly #heldBack = new Map<number, number[]>();

  constructor(small: SmallSwitch) {
    this.#small = small;
  }

  /** Says a frame behind what was held back, all but the last few bytes. */
  say(one: Step & { client: number }, holdsBack: number): void {
    const bytes = [...(this.#heldBack.get(one.client) ?? []), ...this.#bytesOf(one)];
    const cut = Math.max(0, bytes.length - holdsBack);
    if (cut > 0) this.#small.say(one.client, Uint8Array.from(bytes.slice(0, cut)));
    this.#heldBack.set(one.client, bytes.slice(cut));
  }

  forget(who: number): void {
    this.#heldBack.delete(who);
  }

  #bytesOf(one: Step & { client: number }): Uint8Array {
    switch (one.kind) {
      case 'login':
        return this.#small.login(one.account);
      case 'message': {
        const id = (this.#ids.get(one.client) ?? 0) + 1;
        this.#ids.set(one.client, id);
        return this.#small.message(id, one.account);
      }
      case 'ping':
        return this.#small.empty(FrameType.PING);
      case 'logout':
        return this.#small.empty(FrameType.LOGOUT);
      default:
        return Uint8Array.of(0xff, 0xff, 0xff);
    }
  }
}

/** Does one step, where its client is in a state to do it. */
function act(small: SmallSwitch, speech: Speech, one: Step): void {
  if (one.kind === 'time') {
    small.nowMicros += one.micros;
  } else if (one.kind === 'work') {
    small.work(one.shard % small.shards.length);
  } else if (one.kind === 'listen') {
    small.listen(one.events);
  } else if (one.kind === 'stop') {
    for (const shard of small.shards) shard.beginStopping();
  } else if (one.kind === 'connect') {
    if (small.isThere(one.client)) return;
    small.connect(one.client, one.shard % small.shards.length);
    speech.forget(one.client);
  } else if (small.isConnected(one.client)) {
    if (one.kind === 'hangUp') small.hangUp(one.client);
    else if (one.kind === 'vanish') small.vanish(one.client);
    else speech.say(one, one.holdsBack);
  }
}

/** How a client sees it: let in, and nobody has ended its connection. */
function isLoggedIn(small: SmallSwitch, who: number): boolean {
  return (
    small.isConnected(who) && small.frames(who, FrameType.LOGIN_RESULT).some(({ body }) => readLoginCode(body, 0) === 0)
  );
}

const clients = Array.from({ length: CLIENTS }, (_, n) => n);

/** After the last step: everything comes to rest, all leave, and nothing is left of them. */
function checkRest(small: SmallSwitch, isStopped: boolean): void {
  small.settle();
  const loggedIn = clients.filter((who) => isLoggedIn(small, who));
  // Sessions of phones that have vanished are there until they have been silent for too long.
  assert.ok(loggedIn.length <= small.count('sessions'));
  assert.ok(small.count('sessions') <= ACCOUNTS, 'an account has one session');
  for (const who of clients) assert.ok(small.frames(who, FrameType.LOGIN_RESULT).length <= 1, 'one answer to a login');
  small.pass(4 * HEARTBEAT_MICROS, 24);
  assert.equal(small.count('sessions'), 0, 'silent sessions end');
  for (const who of clients) if (small.isConnected(who)) small.hangUp(who);
  small.pass(4 * HEARTBEAT_MICROS, 24);
  assert.equal(small.count('connectionsOpened'), small.count('connectionsClosed'));
  assert.equal(small.rowsUsed, 0, 'no row is left');
  for (let account = 0; account < ACCOUNTS && !isStopped; account++) {
    const newcomer = CLIENTS + account;
    small.online(newcomer, account, account % small.shards.length);
    assert.equal(isLoggedIn(small, newcomer), true, `account ${account} can log in again`);
  }
}

describe('sessions of a switch', () => {
  const walked = new Set<string>();
  const pairOf = (state: number, event: number): string => `${state} ${event}`;
  const plain = SessionTable.prototype.step;
  SessionTable.prototype.step = function recording(slot: number, event: number): number {
    walked.add(pairOf(this.state(slot), event));
    return plain.call(this, slot, event);
  };

  for (const shards of [1, 2]) {
    it(`come to rest after any order of events, on ${shards} shard${shards > 1 ? 's' : ''}`, () => {
      fc.assert(
        fc.property(fc.array(step, { minLength: 20, maxLength: 250, size: 'max' }), (steps) => {
          const small = new SmallSwitch({
            shards,
            accounts: ACCOUNTS,
            // Full after a few hops, of which every second is an answer.
            inboxBytes: 256,
            inputsPerTurn: 64,
            ringBytes: 2 ** 15,
            questionsMax: 4,
            sessions: 5,
            partialFramesMax: 2,
            watchMax: 4,
            watchesMax: 64,
            tickMicros: TICK_MICROS,
            loginTimeoutMicros: LOGIN_MICROS,
            heartbeatTimeoutMicros: HEARTBEAT_MICROS,
          });
          const speech = new Speech(small);
          for (const one of steps) act(small, speech, one);
          checkRest(
            small,
            steps.some((one) => one.kind === 'stop'),
          );
        }),
        { numRuns: 3000, seed: 9, examples: [[evictedWhileEnding]] },
      );
    });
  }

  it('have walked every pair of the table that is possible', () => {
    walked.add(pairOf(SessionState.ONLINE, SessionEvent.FRAME)); // by far the most frequent, and known by the state alone
    const missing: string[] = [];
    for (const [name, event] of Object.entries(SessionEvent)) {
      for (const [stateName, state] of Object.entries(SessionState)) {
        if (isPossible(state, event) && !walked.has(pairOf(state, event))) missing.push(`${name} in ${stateName}`);
      }
    }
    assert.deepEqual(missing, []);
  });

  it('say why a pair is impossible', () => {
    for (let state = 0; state < SESSION_STATES; state++) {
      for (const event of Object.values(SessionEvent)) {
        if (!isPossible(state, event)) assert.throws(() => nextState(state, event), /^AssertionError: [a-z ,]{20,}/);
      }
    }
  });
});
