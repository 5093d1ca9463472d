/**
 * The storms of a scenario, as a lane makes and counts them. Whether a storm drops a phone follows from the seed by
 * arithmetic, so every lane knows it of every phone. A lane drops its phones in the order of their rows, in as few
 * turns as the transport has room for, and answers in between. One byte per phone says which storm dropped it; a run
 * without storms has none of this.
 */
import type { LedgerEntry } from '../../base/ledger-entry.ts';
import { mixPair } from '../../base/pseudo-random.ts';
import { byteColumn, PLAIN_MEMORY, type TableMemory } from '../../base/table-memory.ts';
import { sourceAddressBits } from '../../wire/source-address.ts';
import type { Population } from '../terms/population.ts';
import { type StormCounts, StormTally } from './storm-tally.ts';

export interface Storm {
  /** After the start of traffic. */
  readonly atMicros: number;
  /** Which connections it drops. */
  readonly target:
    | { readonly kind: 'share'; readonly share: number }
    | { readonly kind: 'shard'; readonly shard: number }
    | { readonly kind: 'phones'; readonly first: number; readonly count: number }
    | {
        /** Phones by the address that they connect from: both as 32 bits, see `wire/source-address.ts`. */
        readonly kind: 'addresses';
        readonly first: number;
        readonly last: number;
        readonly portsPerSource: number;
      }
    /** Phones that an outage of the network cuts off. */
    | { readonly kind: 'outage'; readonly hits: (phone: number) => boolean };
  /**
   * Time after an unanswered heartbeat at which a phone notices; null if its connection is reset, which it notices at
   * once.
   */
  readonly silenceMicros: number | null;
  /**
   * How long there is no way to the switch; not given for a storm. Phones that would notice only afterwards keep their
   * connections, and times to return count from its end.
   */
  readonly outageMicros?: number;
}

/** What a lane does to the phones that a storm drops. */
export interface StormVictims {
  isOnline(row: number): boolean;
  /** When a phone notices that nobody answers its next heartbeat for so long, from now on. */
  noticeMicros(row: number, silenceMicros: number): number;
  /**
   * @param isSilent neither end is told. @param afterMicros when the phone notices.
   * @returns false if the transport has no room now.
   */
  drop(row: number, isSilent: boolean, afterMicros: number): boolean;
}

/** Most rows that are examined, and most phones that are dropped, in one turn. */
const LOOKS_MAX = 16_384;
const DROPS_MAX = 1024;
const NO_STORM = 0;
const SHARE_STREAM = 0x73746f;

export class LaneStorms {
  readonly #storms: readonly Storm[];
  readonly #seed: number;
  readonly #population: Population;
  readonly #lane: number;
  readonly #shardOf: (phone: number) => number;
  readonly #tallies: readonly StormTally[];
  /** Per row: 1 + the storm that dropped the phone, until it has returned. */
  readonly #droppedBy: Uint8Array;
  /** Storms that have begun. */
  #begun = 0;
  /** The next row to examine for the newest storm. */
  #cursor: number;
  /** Phones that the newest storm and those before it dropped, and that have not returned or given up. */
  #absent = 0;
  /** From when times to return of the newest storm count, on the lane's clock; in an array, since it is a double. */
  readonly #startMicros = new Float64Array(1);

  constructor(
    storms: readonly Storm[],
    seed: number,
    population: Population,
    lane: number,
    shardOf: (phone: number) => number,
    memory: TableMemory = PLAIN_MEMORY,
  ) {
    this.#storms = storms;
    this.#seed = seed;
    this.#population = population;
    this.#lane = lane;
    this.#shardOf = shardOf;
    this.#tallies = storms.map(() => new StormTally());
    this.#droppedBy = byteColumn(population.rowsPerLane, memory);
    this.#cursor = this.#droppedBy.length;
  }

  ledger(): LedgerEntry {
    const bytes = this.#tallies.reduce((sum, tally) => sum + tally.bytes, this.#droppedBy.byteLength);
    return { owner: 'driver', name: 'storms', bytes, rowBytes: 0, rowsUsed: 0 };
  }

  counts(): StormCounts[] {
    return this.#tallies.map((tally) => tally.counts());
  }

  /**
   * When the next storm begins, after the start of traffic: 0 while one is still dropping phones, Infinity if none is
   * left.
   */
  get dueMicros(): number {
    if (this.#cursor < this.#droppedBy.length) return 0;
    return this.#storms[this.#begun]?.atMicros ?? Number.POSITIVE_INFINITY;
  }

  /** Begins the storm that is due, and drops some of its phones. @returns how many. */
  doWork(nowMicros: number, trafficStartMicros: number, victims: StormVictims): number {
    const next = this.#storms[this.#begun];
    if (
      this.#cursor === this.#droppedBy.length &&
      next !== undefined &&
      nowMicros >= trafficStartMicros + next.atMicros
    ) {
      this.#begun++;
      this.#cursor = 0;
      this.#startMicros[0] = trafficStartMicros + this.#returnsFrom(this.#begun - 1);
    }
    return this.#cursor < this.#droppedBy.length ? this.#drop(victims, nowMicros) : 0;
  }

  #drop(victims: StormVictims, nowMicros: number): number {
    const newest = this.#begun - 1;
    const { silenceMicros, outageMicros = 0 } = this.#storms[newest] as Storm; // it has begun
    const restMicros = (this.#startMicros[0] as number) - nowMicros; // its only element
    const until = Math.min(this.#droppedBy.length, this.#cursor + LOOKS_MAX);
    let done = 0;
    for (; this.#cursor < until && done < DROPS_MAX; this.#cursor++) {
      const row = this.#cursor;
      if (!victims.isOnline(row) || !this.#hits(newest, this.#population.phoneAt(this.#lane, row))) continue;
      const afterMicros = silenceMicros === null ? 0 : victims.noticeMicros(row, silenceMicros);
      if (outageMicros > 0 && afterMicros >= restMicros) {
        this.#tally(newest).riddenOut++;
        continue;
      }
      if (!victims.drop(row, silenceMicros !== null, afterMicros)) break;
      this.#droppedBy[row] = newest + 1;
      this.#absent++;
      this.#tally(newest).dropped++;
      done++;
    }
    return done;
  }

  /** A phone has logged in. */
  loggedIn(row: number, nowMicros: number): void {
    if (this.#begun === 0) return;
    const sinceMicros = nowMicros - (this.#startMicros[0] as number); // its only element, here and below
    this.#tally(this.#begun - 1).loggedIn(sinceMicros);
    const storm = this.#return(row);
    if (storm === NO_STORM) return;
    const earlierMicros = this.#returnsFrom(this.#begun - 1) - this.#returnsFrom(storm - 1);
    this.#tally(storm - 1).restored.record(Math.max(0, sinceMicros + earlierMicros));
  }

  /** A phone has given up. */
  gaveUp(row: number): void {
    const storm = this.#return(row);
    if (storm !== NO_STORM) this.#tally(storm - 1).givenUp++;
  }

  /** The switch has told a phone to come back later. */
  deferred(): void {
    if (this.#absent > 0) this.#tally(this.#begun - 1).deferred++;
  }

  /** The switch has refused a login without a time to come back, or a connection. */
  loginRefused(): void {
    if (this.#absent > 0) this.#tally(this.#begun - 1).loginsRefused++;
  }

  /** The switch has refused a message of a phone. */
  messageRejected(): void {
    if (this.#absent > 0) this.#tally(this.#begun - 1).messagesRejected++;
  }

  /** A message was delivered so long after it was due. @param sender a phone, or below 0 if it is not known. */
  delivered(row: number, sender: number, latencyMicros: number): void {
    const isCalm = this.#absent === 0 && this.#cursor === this.#droppedBy.length;
    if (isCalm) {
      if (this.#begun < this.#storms.length) this.#tally(this.#begun).before.record(latencyMicros);
      return;
    }
    const newest = this.#begun - 1;
    if (this.#hits(newest, this.#population.phoneAt(this.#lane, row)) || (sender >= 0 && this.#hits(newest, sender)))
      return;
    this.#tally(newest).stayed.record(latencyMicros);
  }

  /** From when times to return of a storm count, after the start of traffic. */
  #returnsFrom(storm: number): number {
    const { atMicros, outageMicros = 0 } = this.#storms[storm] as Storm; // callers name one that has begun
    return atMicros + outageMicros;
  }

  /** @returns 1 + the storm that had dropped a phone, which is no longer absent; 0 if none had. */
  #return(row: number): number {
    const storm = this.#droppedBy[row] as number; // rows are inside the table
    if (storm === NO_STORM) return NO_STORM;
    this.#droppedBy[row] = NO_STORM;
    this.#absent--;
    return storm;
  }

  /** Whether a storm drops the connection of a phone, if it has one. */
  #hits(storm: number, phone: number): boolean {
    const { target } = this.#storms[storm] as Storm; // callers name one that has begun
    if (target.kind === 'shard') return this.#shardOf(phone) === target.shard;
    if (target.kind === 'outage') return target.hits(phone);
    if (target.kind === 'phones') return phone >= target.first && phone < target.first + target.count;
    if (target.kind === 'addresses') {
      const population = this.#population;
      const address = sourceAddressBits(population.laneOf(phone), population.rowOf(phone), target.portsPerSource);
      return address >= target.first && address <= target.last;
    }
    return mixPair(mixPair(this.#seed, SHARE_STREAM + storm), phone) >>> 0 < target.share * 2 ** 32;
  }

  #tally(storm: number): StormTally {
    return this.#tallies[storm] as StormTally; // one per storm
  }
}
