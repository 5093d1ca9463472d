/**
 * Draws the faults of a run from its seed. Every kind has a random stream of its own, so the faults of one kind are the
 * same whatever the rates of the others are.
 *
 * In a swarm the rates themselves are drawn (Groce et al., "Swarm Testing", 2012): a run without some of the faults
 * goes deeper into what the others do, and no fault hides another for ever.
 */
import { nextBelow, nextExponential, nextRandom, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { FAULT_NAMES, type Fault, type FaultKind, type FaultRates } from './fault-kinds.ts';
import { SMALL_TABLES } from './small-tables.ts';

const SWARM_STREAM = 200;
const FIRST_STREAM = 201;
const MICROS_PER_SECOND = 1e6;
const TARGETS = 2 ** 31;
/** In a swarm, a rate is multiplied by 2 to the power of at least and at most this. */
const SWARM_POWER_MAX = 2;

/** Shortest and longest duration of each kind, in microseconds; drawn evenly on a logarithmic scale. */
const DURATIONS: Readonly<Record<FaultKind, readonly [min: number, max: number]>> = {
  connectionsLost: [0, 0],
  halfOpen: [1000, 300_000],
  duplicateConnects: [0, 0],
  stalls: [1000, 1_000_000],
  slowLinks: [10_000, 1_000_000],
  shardPauses: [500, 200_000],
  shardKills: [100, 50_000],
  shardCrashes: [100, 50_000],
  switchCrashes: [100, 50_000],
  slowDisks: [10_000, 300_000],
  fullDisks: [10_000, 300_000],
  bitFlips: [100, 50_000],
  clockJumps: [1000, 3_000_000],
  smallTables: [0, 0],
  phonesForget: [0, 0],
};

/** The rates of one run of a swarm: each kind is left out with a probability of one half. */
export function swarmRates(rates: FaultRates, seed: number): FaultRates {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, SWARM_STREAM);
  const drawn = FAULT_NAMES.map((kind) => {
    const isLeftOut = nextBelow(random, 0, 2) === 0;
    const power = (nextBelow(random, 0, 2001) / 1000 - 1) * SWARM_POWER_MAX;
    return [kind, isLeftOut ? 0 : rates[kind] * 2 ** power] as const; // a share above 1 is as good as 1
  });
  return Object.fromEntries(drawn) as Record<FaultKind, number>; // one for each name
}

/** The faults of a run in order of time: for each kind a Poisson process over `micros`. */
export function drawFaults(rates: FaultRates, seed: number, micros: number): Fault[] {
  const faults = FAULT_NAMES.flatMap((kind, n) =>
    kind === 'smallTables'
      ? drawSmallTables(rates[kind], seed, FIRST_STREAM + n)
      : drawKind(kind, rates[kind], seed, FIRST_STREAM + n, micros),
  );
  return faults.sort((a, b) => a.atMicros - b.atMicros);
}

function drawKind(kind: FaultKind, perSecond: number, seed: number, stream: number, micros: number): Fault[] {
  if (perSecond <= 0) return [];
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, stream);
  const faults: Fault[] = [];
  const gap = (): number => (nextExponential(random, 0) / perSecond) * MICROS_PER_SECOND;
  for (let at = gap(); at < micros; at += gap()) {
    faults.push({
      kind,
      atMicros: Math.floor(at),
      target: nextBelow(random, 0, TARGETS),
      micros: drawDuration(random, DURATIONS[kind]),
      salt: nextRandom(random, 0),
    });
  }
  return faults;
}

function drawSmallTables(share: number, seed: number, stream: number): Fault[] {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, seed, stream);
  const isDrawn = SMALL_TABLES.map(() => nextBelow(random, 0, 2 ** 20) < share * 2 ** 20);
  return isDrawn.flatMap((drawn, target) =>
    drawn ? [{ kind: 'smallTables' as const, atMicros: 0, target, micros: 0, salt: 0 }] : [],
  );
}

function drawDuration(random: Int32Array, [min, max]: readonly [number, number]): number {
  const share = nextBelow(random, 0, 2 ** 20) / 2 ** 20;
  return min === 0 ? 0 : Math.floor(min * (max / min) ** share);
}
