/** A world whose shards crash at random times under traffic. The same seed repeats everything. */
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../base/pseudo-random.ts';
import { retryAfter } from '../driver/retry-after.test-suite.ts';
import type { Departure } from '../driver/state/lane-settings.ts';
import { Arrivals } from '../driver/terms/arrivals.ts';
import { DelayedLog } from '../store/delayed-log.test-suite.ts';
import { LOG_RING_BYTES, SimulatedLog } from './disk/simulated-log.ts';
import { DigestedWorld } from './event-digest.test-suite.ts';
import { smallWorld } from './small-world.test-suite.ts';
import type { World, WorldSettings } from './world/world.ts';

/** All of them connect. */
export const PHONES = 300;
export const CRASHES = 8;
const SHARDS = 3;
const TURN_MICROS = 100;
const SCHEDULE_STREAM = 7;
/** So short that a phone often logs in again while the switch still has its previous session. */
const AWAY_MICROS = 300;
/** Maximum of turns that a log takes to complete a batch. */
const LOG_TURNS_MAX = 150;
/** Maximum of turns between two crashes, and of turns before a shard may start again. */
const CALM_TURNS_MAX = 500;
const DOWN_TURNS_MAX = 100;
const ID_WINDOWS_MAX = 2 ** 13;

export interface CrashSettings {
  readonly seed: number;
  /** How phones leave, after 60 ms on average; undefined if they stay. */
  readonly departure: Departure | undefined;
  /** Whether rings and tables are small, so that work often has to wait for room. */
  readonly isTight: boolean;
  /** Whether logs write files to a simulated disk, or only keep their records. */
  readonly hasDisk: boolean;
}

/** The settings of a shard if work has to wait for room. */
const TIGHT = {
  world: { inboxBytes: 2 ** 14, ringBytes: 2 ** 15 },
  shard: { questionsMax: 16, inputsPerTurn: 32 },
};

export class CrashingWorld {
  readonly digested: DigestedWorld;
  readonly #logs: (DelayedLog | SimulatedLog)[] = [];
  readonly #hasDisk: boolean;
  readonly #random = new Int32Array(RANDOM_STATE_WORDS);

  constructor({ seed, departure, isTight, hasDisk }: CrashSettings) {
    this.#hasDisk = hasDisk;
    seedRandom(this.#random, 0, seed, SCHEDULE_STREAM);
    const leaving: Partial<WorldSettings['lane']> =
      departure === undefined ? {} : { departure, sessionMicros: 60_000, awayMicros: AWAY_MICROS };
    const settings = smallWorld({
      seed,
      phones: PHONES,
      online: PHONES,
      shards: SHARDS,
      turnMicros: TURN_MICROS,
      mailboxBlocks: 2 ** 13,
      ...(isTight ? TIGHT.world : {}),
      lane: {
        activePhones: PHONES,
        logins: Arrivals.constant(20_000),
        messages: Arrivals.constant(10_000),
        loginAttempts: 1000,
        loginBackoff: retryAfter(5000),
        ...leaving,
      },
      shard: {
        durability: { acknowledgementsMax: 4096, idWindowsMax: ID_WINDOWS_MAX },
        ...(isTight ? TIGHT.shard : {}),
      },
      makeLog: () => this.#makeLog(),
    });
    this.digested = new DigestedWorld(settings);
  }

  get world(): World {
    return this.digested.world;
  }

  /** Logs phones in, lets them send messages, and ends random shards at random times, sometimes two at once. */
  run(): void {
    this.world.openLogins();
    this.digested.runFor(30_000);
    this.world.startTraffic();
    for (let n = 0; n < CRASHES; n++) {
      this.digested.runFor(TURN_MICROS * (1 + this.#draw(CALM_TURNS_MAX)));
      const shard = this.#draw(SHARDS);
      this.#crash(shard);
      if (this.#draw(4) === 0) this.#crash((shard + 1) % SHARDS);
    }
    this.digested.runFor(50_000);
    this.world.stopTraffic();
  }

  /** Ends all sessions permanently. */
  stop(): void {
    for (const lane of this.world.lanes) lane.stopLogins();
    for (const shard of this.world.shards) shard.beginStopping();
    this.digested.runFor(200_000);
  }

  /** Rows in use of a table of the switch, over all shards. */
  used(name: string): number {
    const entries = this.world.shards.flatMap((shard) => shard.ledger()).filter((entry) => entry.name === name);
    assert.equal(entries.length, SHARDS, name);
    return entries.reduce((sum, { rowsUsed }) => sum + rowsUsed, 0);
  }

  #makeLog(): DelayedLog | SimulatedLog {
    const turns = this.#draw(LOG_TURNS_MAX);
    const disk = {
      rows: PHONES,
      idWindowsMax: ID_WINDOWS_MAX,
      ringBytes: LOG_RING_BYTES,
      syncTurns: Math.ceil(turns / 3),
      checksum: crc32,
    };
    const log = this.#hasDisk ? new SimulatedLog(disk) : new DelayedLog(turns);
    this.#logs.push(log);
    return log;
  }

  /** Any number of the records that the log has not completed survives a crash. */
  #crash(shard: number): void {
    const log = this.#logs[shard];
    if (log === undefined || !this.world.isUp(shard)) return;
    this.world.endShard(shard, TURN_MICROS * this.#draw(DOWN_TURNS_MAX));
    if (log instanceof SimulatedLog) log.crash((bound) => this.#draw(bound));
    else log.crash(this.#draw(1 + log.incomplete));
  }

  #draw(bound: number): number {
    return nextBelow(this.#random, 0, bound);
  }
}
