/** Does the faults of a run to its world at their times, and undoes those that last for a time. */
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import type { Population } from '../../driver/terms/population.ts';
import type { Draw } from '../disk/simulated-disk.ts';
import type { SimulatedLog } from '../disk/simulated-log.ts';
import type { World } from '../world/world.ts';
import type { Fault } from './fault-kinds.ts';
import type { FaultyTransport } from './faulty-transport.ts';

const SALT_STREAM = 300;
/** Turns that a sync takes on a slow disk, at most. */
const SLOW_TURNS_MAX = 400;
/** Bytes that a full disk still has room for, at most. */
const LAST_BYTES_MAX = 512;
const PIECE_BYTES_MAX = 40;
/** A slow link is late by at most this share of the time for which it is slow. */
const LATE_SHARE = 4;

export interface FaultParts {
  readonly world: World;
  readonly population: Population;
  readonly transports: readonly FaultyTransport[];
  readonly logs: readonly SimulatedLog[];
}

interface FollowUp {
  readonly dueMicros: number;
  readonly run: () => void;
}

export class FaultInjector {
  readonly #parts: FaultParts;
  readonly #syncTurns: readonly number[];
  /** At most one for each fault of the run: their list bounds it, and none is dropped. */
  #followUps: FollowUp[] = [];
  /** When the first of them is due: looked at in each turn. */
  #followUpMicros = Number.POSITIVE_INFINITY;

  constructor(parts: FaultParts) {
    this.#parts = parts;
    this.#syncTurns = parts.logs.map(({ disk }) => disk.syncTurns);
  }

  /** Undoes faults whose time is over, and ends shards whose log has failed. */
  doWork(): void {
    const { world, logs } = this.#parts;
    const nowMicros = world.clock.nowMicros();
    for (let shard = 0; shard < logs.length; shard++) {
      if (logs[shard]?.hasFailed === true) this.#endShard(shard, 0, undefined);
    }
    if (nowMicros < this.#followUpMicros) return;
    const due = this.#followUps.filter(({ dueMicros }) => dueMicros <= nowMicros);
    this.#followUps = this.#followUps.filter(({ dueMicros }) => dueMicros > nowMicros);
    this.#followUpMicros = Math.min(...this.#followUps.map(({ dueMicros }) => dueMicros));
    for (const { run } of due) run();
  }

  /** Undoes at once what would be undone later, and kills at once the shards whose file has a flipped bit. */
  heal(): void {
    for (const { run } of this.#followUps) run();
    this.#followUps = [];
    this.#followUpMicros = Number.POSITIVE_INFINITY;
  }

  /** The phone that a fault of a phone is done to. Other faults have a target that means something else. */
  phoneOf({ target }: Fault): number {
    return target % this.#parts.population.online;
  }

  /** @returns whether the fault had an effect: a phone may have no connection to lose. */
  inject(fault: Fault): boolean {
    const { world, population, logs } = this.#parts;
    const { kind, micros, target } = fault;
    const draw = drawWith(fault.salt);
    const shard = target % logs.length;
    const phone = this.phoneOf(fault);
    const transport = this.#parts.transports[population.laneOf(phone)];
    const row = population.rowOf(phone);
    switch (kind) {
      case 'connectionsLost':
        return transport?.lose(row, 0) === true;
      case 'halfOpen':
        return transport?.lose(row, micros) === true;
      case 'duplicateConnects':
        return transport?.vanishOf(row) === true;
      case 'stalls':
        return transport?.stall(row, micros) === true;
      case 'slowLinks':
        return transport?.slow(row, micros, draw(Math.ceil(micros / LATE_SHARE)), 1 + draw(PIECE_BYTES_MAX)) === true;
      case 'phonesForget':
        if (transport?.lose(row, 0) !== true) return false;
        world.forgetPhone(population.laneOf(phone), row);
        return true;
      case 'shardPauses':
        world.pauseShard(shard, micros);
        return world.isUp(shard);
      case 'shardKills':
        return this.#endShard(shard, micros, undefined);
      case 'shardCrashes':
        return this.#endShard(shard, micros, draw);
      case 'switchCrashes':
        return logs.map((_, each) => this.#endShard(each, micros, draw)).includes(true);
      case 'clockJumps':
        world.jumpClock(target % 2 === 0 ? 'switch' : 'driver', micros);
        return true;
      case 'smallTables':
        return true; // the world was made with them
      default:
        return this.#injectDisk(fault, shard, draw);
    }
  }

  #injectDisk({ kind, micros }: Fault, shard: number, draw: Draw): boolean {
    const disk = this.#parts.logs[shard]?.disk;
    if (disk === undefined) return false;
    if (kind === 'slowDisks') {
      disk.syncTurns = draw(SLOW_TURNS_MAX);
      this.#later(micros, () => {
        disk.syncTurns = this.#syncTurns[shard] ?? 0;
      });
      return true;
    }
    if (kind === 'fullDisks') {
      disk.capacityBytes = disk.usedBytes + draw(LAST_BYTES_MAX);
      this.#later(micros, () => {
        disk.capacityBytes = Number.POSITIVE_INFINITY;
      });
      return true;
    }
    if (!disk.flipAny(draw)) return false;
    this.#later(micros, () => void this.#endShard(shard, 0, undefined));
    return true;
  }

  #later(micros: number, run: () => void): void {
    const dueMicros = this.#parts.world.clock.nowMicros() + micros;
    this.#followUps.push({ dueMicros, run });
    this.#followUpMicros = Math.min(this.#followUpMicros, dueMicros);
  }

  /** @param draw what survives of what was not synced; undefined if only the process ends. */
  #endShard(shard: number, downMicros: number, draw: Draw | undefined): boolean {
    const { world, logs } = this.#parts;
    const log = logs[shard];
    if (log === undefined || !world.isUp(shard)) return false;
    world.endShard(shard, downMicros);
    if (draw === undefined) log.kill();
    else log.crash(draw);
    return true;
  }
}

function drawWith(salt: number): Draw {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, salt, SALT_STREAM);
  return (bound) => nextBelow(random, 0, bound);
}
