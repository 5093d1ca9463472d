/**
 * The file of a tuning ladder: one scenario, and rungs, each with the settings that it changes. Rungs are cumulative:
 * each keeps the settings of the rungs before it.
 *
 *     name: ws-to-tcp
 *     description: From a usual Node server to our own loop
 *     scenario: smoke
 *     settings: [phones.count=5k]        # of all rungs
 *     pairs: 6
 *     metrics: [cpu.switchMicrosPerMessage]
 *     rungs:
 *       - name: ws
 *         settings: [transport=ws]
 *       - name: fewer-threads
 *         settings: [switch.shards=1, driver.lanes=1]
 */
import { z } from 'zod';
import { at } from '../../base/assert.ts';
import { TrunklineError } from '../../base/errors.ts';
import { nextBelow, RANDOM_STATE_WORDS, seedRandom } from '../../base/pseudo-random.ts';
import { count } from '../../scenario/terms/scalars.ts';
import { YamlSource } from '../../scenario/yaml-source.ts';
import { PAIRS_MIN, pairsNeeded } from '../../stats/signed-rank-test.ts';
import { DEFAULT_CONFIDENCE, GATING_METRICS_MAX } from '../comparison/comparison-order.ts';
import { DEFAULT_GATING_METRICS, metricNamed } from '../comparison/result-metrics.ts';

export interface LadderRung {
  readonly name: string;
  /** `a.b=c` each; kept by all later rungs. */
  readonly settings: readonly string[];
  /** File, line and column, for errors in the settings. */
  readonly place: string;
}

export interface Ladder {
  readonly name: string;
  readonly description: string;
  readonly scenario: string;
  readonly settings: readonly string[];
  readonly pairs: number;
  readonly seed: number;
  /** The metrics that decide. */
  readonly metrics: readonly string[];
  readonly rungs: readonly LadderRung[];
}

/** A variant that is run: a rung with all rungs before it, or the last rung without one of the earlier ones. */
export interface LadderVariant {
  readonly name: string;
  readonly settings: readonly string[];
  readonly rung: number;
  readonly kind: 'rung' | 'without';
}

/** One run of a ladder. */
export interface LadderTurn {
  readonly round: number;
  readonly variant: LadderVariant;
}

const RUNGS_MAX = 20;
const PAIRS_MAX = 100;
const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'a name of small letters, digits and hyphens');
const settings = z.array(z.string().regex(/^[^=]+=/, 'key=value, such as transport=tcp'));

const ladderSchema = z.strictObject({
  name,
  description: z.string().min(1),
  scenario: z.string().min(1),
  settings: settings.prefault([]),
  pairs: count({ min: PAIRS_MIN, max: PAIRS_MAX }).prefault(10),
  seed: count({ max: 2 ** 31 - 1 }).prefault(1),
  metrics: z
    .array(z.string())
    .min(1)
    .max(GATING_METRICS_MAX)
    .prefault([...DEFAULT_GATING_METRICS]),
  rungs: z.array(z.strictObject({ name, settings })).min(2).max(RUNGS_MAX),
});

/**
 * Parses a ladder.
 *
 * @param file name of the file, for messages.
 * @throws LADDER_INVALID, with file, line and column.
 */
export function parseLadderFile(text: string, file: string): Ladder {
  const source = new YamlSource(text, file, { what: 'a ladder', code: 'LADDER_INVALID' });
  const written = source.parse(ladderSchema);
  written.metrics.forEach((metric, i) => {
    try {
      metricNamed(metric);
    } catch (error) {
      if (!(error instanceof TrunklineError)) throw error;
      throw invalid(`${source.place(['metrics', i])}: ${error.message}`);
    }
  });
  const needed = pairsNeeded(1 - (1 - DEFAULT_CONFIDENCE) / written.metrics.length);
  if (written.pairs < needed) {
    throw invalid(
      `${source.place(['pairs'])}: ${written.metrics.length} metrics that decide need at least ${needed} pairs, found ${written.pairs}. An invalid run drops its pair: allow one or two more.`,
    );
  }
  const rungs = written.rungs.map((rung, i) => ({ ...rung, place: source.place(['rungs', i]) }));
  rungs.forEach((rung, i) => {
    if (rungs.findIndex((one) => one.name === rung.name) < i)
      throw invalid(`${rung.place}: ${rung.name} is named twice`);
    if (i > 0 && rung.settings.length === 0) throw invalid(`${rung.place}: ${rung.name} changes nothing`);
  });
  return { ...written, rungs };
}

/** Every rung, from the first; then the last rung without each of the rungs between the first and the last. */
export function ladderVariants(ladder: Ladder): LadderVariant[] {
  const { rungs } = ladder;
  const settingsOf = (those: readonly LadderRung[]): string[] => [
    ...ladder.settings,
    ...those.flatMap((rung) => rung.settings),
  ];
  const climbed = rungs.map(
    (rung, i): LadderVariant => ({
      name: rung.name,
      settings: settingsOf(rungs.slice(0, i + 1)),
      rung: i,
      kind: 'rung',
    }),
  );
  // The last rung without its own change is the rung before it, which is included already.
  const without = rungs.slice(1, -1).map(
    (rung, i): LadderVariant => ({
      name: `without-${rung.name}`,
      settings: settingsOf(rungs.filter((one) => one !== rung)),
      rung: i + 1,
      kind: 'without',
    }),
  );
  return [...climbed, ...without];
}

/**
 * All runs in order. Each round runs every variant once, so that any two variants of a round form a pair. The order is
 * drawn from the seed; every second round reverses the order of the round before (AB, BA).
 */
export function ladderTurns(ladder: Ladder): LadderTurn[] {
  const random = new Int32Array(RANDOM_STATE_WORDS);
  seedRandom(random, 0, ladder.seed, LADDER_STREAM);
  let order = ladderVariants(ladder);
  return Array.from({ length: ladder.pairs }, (_, round) => {
    order = round % 2 === 0 ? shuffled(order, random) : [...order].reverse();
    return order.map((variant): LadderTurn => ({ round, variant }));
  }).flat();
}

const LADDER_STREAM = 17;

/** Fisher–Yates shuffle. */
function shuffled<Item>(items: readonly Item[], random: Int32Array): Item[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = nextBelow(random, 0, i + 1);
    const moved = at(mixed, i);
    mixed[i] = at(mixed, j);
    mixed[j] = moved;
  }
  return mixed;
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('LADDER_INVALID', message);
}
