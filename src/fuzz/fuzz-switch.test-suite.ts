/**
 * Fuzzes a switch from outside and checks what its operator and its other phones would notice: it lives, a pair of
 * polite phones exchanges messages all the while, its tables are empty afterwards, its memory has not grown.
 */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { FrameType } from '../wire/frames.ts';
import { CollectedHeaps } from './collected-heaps.test-suite.ts';
import { HostilePhones } from './hostile-phones.test-suite.ts';
import { type MemorySample, type MemoryTrend, memoryTrend, residentMib } from './memory-trend.test-suite.ts';
import { HOSTILE_ACCOUNTS, HOSTILE_FIRST } from './phone-stream.test-suite.ts';
import { PAIR_ACCOUNTS, PAIR_FIRST, PolitePair } from './polite-pair.test-suite.ts';
import { PolitePhone } from './polite-phone.test-suite.ts';
import { ServedSwitch, type ServeEnd } from './served-switch.test-suite.ts';

export interface SwitchTarget {
  readonly name: string;
  readonly transport: 'tcp' | 'node-tcp' | 'ws';
  readonly shards: number;
  /** Over tcp: how sockets are held. */
  readonly hold?: 'auto' | 'descriptors';
}

export interface SwitchFuzz {
  readonly target: SwitchTarget;
  readonly seed: number;
  readonly streams: number;
  readonly onStream?: (done: number) => void;
}

export interface SwitchFuzzOutcome {
  readonly streams: number;
  readonly seconds: number;
  /** Messages of the polite pair while the others were hostile. */
  readonly exchanged: number;
  readonly connectsFailed: number;
  /** Resident memory; null where it cannot be read. */
  readonly memory: MemoryTrend | null;
  /** What the switch's threads keep on their heaps, garbage left out; over tcp that of the main thread alone. */
  readonly heaps: MemoryTrend | null;
  readonly end: ServeEnd;
}

/** More than are ever open at once, so that every leaked row is missed when the table is filled. */
const ROOM = 1000;
const SETTINGS = [
  'phases.bin=100ms',
  'switch.loginTimeout=5s',
  'switch.heartbeatTimeout=5s',
  // Mailboxes that nobody empties are full after the first thousands of streams, and memory is flat from there on.
  'switch.mailbox.messagesPerAccount=2',
  'switch.mailbox.blocks=64k',
  'switch.mailbox.redelivery=500ms',
];
const PATIENCE_MILLIS = 60_000;
const POLL_MILLIS = 50;
/** After that the switch has said anew how many messages it holds. */
const FRESH_MILLIS = 1000;
/** Connections are refused a while before the process has ended. */
const LAST_WORDS_MILLIS = 5000;
const SAMPLE_MILLIS = 100;
/** What the first streams touch, that is there from then on. */
const WARM_STREAMS = 1000;
/** Accounts that are visited at a time when all mailboxes are emptied, for how long, and how often at most. */
const VISITORS = 200;
const STAY_MILLIS = 30;
const PING_MILLIS = 1500;
const ROUNDS_MAX = 10;

export async function fuzzSwitch({ target, seed, streams, onStream }: SwitchFuzz): Promise<SwitchFuzzOutcome> {
  const heaps = new CollectedHeaps();
  try {
    const served = await ServedSwitch.start(argumentsOf(target), heaps.environment);
    try {
      return await new FuzzedSwitch(served, heaps, target).fuzz(seed, streams, onStream);
    } finally {
      await served.kill();
    }
  } finally {
    heaps.close();
  }
}

function argumentsOf({ transport, shards, hold }: SwitchTarget): string[] {
  const sets = [...SETTINGS, ...(hold === undefined ? [] : [`sockets.hold=${hold}`])];
  return [
    ...['--transport', transport, '--shards', String(shards), '--connections', String(ROOM)],
    ...['--numbers', `${HOSTILE_FIRST}+${HOSTILE_ACCOUNTS}`, '--numbers', `${PAIR_FIRST}+${PAIR_ACCOUNTS}`],
    ...sets.flatMap((setting) => ['--set', setting]),
  ];
}

class FuzzedSwitch {
  readonly #served: ServedSwitch;
  readonly #heaps: CollectedHeaps;
  readonly #isWebSocket: boolean;

  constructor(served: ServedSwitch, heaps: CollectedHeaps, target: SwitchTarget) {
    this.#served = served;
    this.#heaps = heaps;
    this.#isWebSocket = target.transport === 'ws';
  }

  async fuzz(seed: number, streams: number, onStream: SwitchFuzz['onStream']): Promise<SwitchFuzzOutcome> {
    const { ports } = this.#served;
    const startMillis = performance.now();
    const pair = await PolitePair.online(ports, this.#isWebSocket);
    const told = onStream === undefined ? {} : { onStream };
    const crowd = new HostilePhones({ ports, isWebSocket: this.#isWebSocket, seed, streams, ...told });
    const resident: MemorySample[] = [];
    const kept: MemorySample[] = [];
    const timer = setInterval(() => {
      const { done } = crowd;
      const [residentNow, keptNow] = [residentMib(this.#served.processId), this.#heaps.mib()];
      if (residentNow !== null) resident.push({ done, mib: residentNow });
      if (keptNow !== null) kept.push({ done, mib: keptNow });
    }, SAMPLE_MILLIS);
    try {
      await this.#whileAlive(this.#attack(crowd, pair));
    } finally {
      clearInterval(timer);
      pair.stop();
      await crowd.stop();
    }
    const seconds = (performance.now() - startMillis) / 1000;
    const { exchanged } = pair;
    await this.#whileAlive(this.#afterwards(pair));
    const end = await this.#served.stop();
    const { connectsFailed } = crowd;
    const warm = Math.max(WARM_STREAMS, streams / 10);
    const [memory, heaps] = [memoryTrend(resident, warm), memoryTrend(kept, warm)];
    return { streams, seconds, exchanged, connectsFailed, memory, heaps, end };
  }

  /** The hostile and the polite at once; the polite go on to the end. */
  async #attack(crowd: HostilePhones, pair: PolitePair): Promise<void> {
    const polite = pair.run();
    await Promise.race([this.#crowd(crowd), polite]);
    pair.stop();
    await polite;
  }

  /** All streams, until the switch has ended whoever has fallen silent. */
  async #crowd(crowd: HostilePhones): Promise<void> {
    await crowd.run();
    const until = performance.now() + PATIENCE_MILLIS;
    while (crowd.silent > 0) {
      assert.ok(performance.now() < until, `${crowd.silent} that are silent are still connected`);
      await pause(POLL_MILLIS);
    }
  }

  /** Everything is as if nobody had been there. */
  async #afterwards(pair: PolitePair): Promise<void> {
    await this.#until('only the pair is left', ({ connections, sessions }) => connections === 2 && sessions === 2);
    await pair.exchange();
    pair.hangUp();
    await this.#emptyMailboxes();
    await this.#fillTable();
  }

  /** Every account can log in, and gets what waits for it: in a round or two no mailbox has anything left. */
  async #emptyMailboxes(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      let next = 0;
      const visit = async (): Promise<void> => {
        while (next < HOSTILE_ACCOUNTS) {
          const phone = await this.#phone(HOSTILE_FIRST + next++);
          phone.ping();
          await phone.next(FrameType.PONG);
          await pause(STAY_MILLIS); // what waits comes from another shard
          phone.logOut();
        }
      };
      await Promise.all(Array.from({ length: VISITORS }, visit));
      await this.#until('all have left', ({ connections, sessions }) => connections + sessions === 0);
      await pause(FRESH_MILLIS);
      if (this.#served.figures?.queued === 0) return;
    }
    assert.fail(`${this.#served.figures?.queued} messages still wait when all phones have been online`);
  }

  /** As many phones as there is room for are online at once: no row was leaked. */
  async #fillTable(): Promise<void> {
    let next = 0;
    const phones: PolitePhone[] = [];
    const fill = async (): Promise<void> => {
      while (next < ROOM) {
        const phone = await this.#phone(HOSTILE_FIRST + next++);
        phones.push(phone);
        const timer = setInterval(() => (phone.isClosed ? clearInterval(timer) : phone.ping()), PING_MILLIS);
      }
    };
    await Promise.all(Array.from({ length: VISITORS }, fill));
    await this.#until('the table is full', ({ sessions }) => sessions === ROOM);
    for (const phone of phones) phone.hangUp();
    await this.#until('it is empty again', ({ connections, sessions }) => connections + sessions === 0);
  }

  /** A phone that has logged in. */
  async #phone(account: number): Promise<PolitePhone> {
    const { ports } = this.#served;
    const phone = await PolitePhone.connect(ports[account % ports.length] ?? ports[0], this.#isWebSocket);
    await phone.logIn(account);
    return phone;
  }

  async #until(what: string, holds: (figures: NonNullable<ServedSwitch['figures']>) => boolean): Promise<void> {
    const until = performance.now() + PATIENCE_MILLIS;
    for (;;) {
      const { figures } = this.#served;
      if (figures !== null && holds(figures)) return;
      assert.ok(performance.now() < until, `${what}: it is not so, ${JSON.stringify(figures)}`);
      await pause(POLL_MILLIS);
    }
  }

  /** Waits for work; where that fails because the switch has died, its last words are what is thrown. */
  async #whileAlive(work: Promise<void>): Promise<void> {
    const death = this.#served.exited.then((code) => {
      throw new assert.AssertionError({ message: `the switch ended with ${code}: ${this.#served.said}` });
    });
    try {
      await Promise.race([work, death]);
    } catch (error) {
      await Promise.race([death, pause(LAST_WORDS_MILLIS, undefined, { ref: false })]);
      throw error;
    }
  }
}
