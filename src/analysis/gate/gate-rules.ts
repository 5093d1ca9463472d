/**
 * The rules of a gate, declared in YAML before the runs:
 *
 *     looks: [10, 20]                    # numbers of pairs at which the gate is judged, one or two
 *     confidence: 95%                    # of the whole gate
 *     absolute:
 *       - memory.switch.bytesPerConnection < 2KiB
 *       - latency.delivery p(99) < 5ms   # conditions in k6's grammar, as in thresholds
 *       - integrity.lost == 0
 *     relative:
 *       - cpu.switchMicrosPerMessage
 *       - latency.delivery p(99) within 15%
 *     allowedDifferences: [node]         # fields in which the environments may differ
 *
 * A rule on an unknown metric, or a file without rules, is an error: a misspelt rule must not pass.
 */
import { z } from 'zod';
import { TrunklineError } from '../../base/errors.ts';
import { count, share } from '../../scenario/terms/scalars.ts';
import { type Operator, parseCondition } from '../../scenario/threshold.ts';
import { YamlSource } from '../../scenario/yaml-source.ts';
import { PAIRS_MIN } from '../../stats/signed-rank-test.ts';
import { DEFAULT_CONFIDENCE, DEFAULT_PAIRS, GATING_METRICS_MAX, PAIRS_MAX } from '../comparison/comparison-order.ts';
import { ENVIRONMENT_FIELDS, type EnvironmentField } from '../comparison/environment-differences.ts';
import { type Metric, metricNamed, metricOf } from '../comparison/result-metrics.ts';

export interface AbsoluteRule {
  readonly kind: 'absolute';
  /** As written. */
  readonly text: string;
  readonly metric: Metric;
  readonly operator: Operator;
  /** In the unit of the metric: bytes, microseconds, per second, or a number. */
  readonly limit: number;
}

export interface RelativeRule {
  readonly kind: 'relative';
  readonly text: string;
  readonly metric: Metric;
  readonly smallestDifferenceShare: number;
}

export interface GateRules {
  /** Numbers of pairs at which the gate may be judged, in ascending order. */
  readonly looks: readonly number[];
  readonly confidence: number;
  readonly absolute: readonly AbsoluteRule[];
  readonly relative: readonly RelativeRule[];
  readonly allowedDifferences: readonly EnvironmentField[];
}

/**
 * Each look is another chance of a false alarm, so the permitted error is divided among them. With more looks each
 * interval would be too wide to find a regression.
 */
const LOOKS_MAX = 2;

const rulesSchema = z.strictObject({
  looks: z
    .array(count({ min: PAIRS_MIN, max: PAIRS_MAX }))
    .min(1)
    .max(LOOKS_MAX)
    .prefault([DEFAULT_PAIRS]),
  confidence: share().prefault(DEFAULT_CONFIDENCE),
  absolute: z.array(z.string()).prefault([]),
  relative: z.array(z.string()).prefault([]),
  allowedDifferences: z.array(z.enum(ENVIRONMENT_FIELDS)).prefault([]),
});

const RELATIVE = /^\s*([\w.]+(?:\s+(?!within\b)[a-z]+(?:\([^)]*\))?)?)(?:\s+within\s+(\d+(?:\.\d+)?)\s*%)?\s*$/;

/**
 * Parses the rules of a gate.
 *
 * @param file name of the file, for messages.
 * @throws GATE_RULES_INVALID, with file, line and column.
 */
export function parseGateRules(text: string, file: string): GateRules {
  const source = new YamlSource(text, file, { what: 'a file of gate rules', code: 'GATE_RULES_INVALID' });
  const written = source.parse(rulesSchema);
  const each = <Rule>(key: 'absolute' | 'relative', parse: (text: string) => Rule): Rule[] =>
    written[key].map((rule, i) => inPlace(source, [key, i], () => parse(rule)));
  const rules: GateRules = {
    looks: written.looks,
    confidence: written.confidence,
    absolute: each('absolute', parseAbsolute),
    relative: each('relative', parseRelative),
    allowedDifferences: written.allowedDifferences,
  };
  checkWhole(source, rules);
  return rules;
}

/** Prefixes errors of one rule with its location. */
function inPlace<Rule>(source: YamlSource, path: readonly PropertyKey[], parse: () => Rule): Rule {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TrunklineError)) throw error;
    throw invalid(`${source.place(path)}: ${error.message}`);
  }
}

function parseAbsolute(text: string): AbsoluteRule {
  const condition = parseCondition(text);
  const metric = metricOf(condition);
  const { operator, limit } = condition;
  if (metric.kind === 'ratio' && (operator === '==' || operator === '!=')) {
    throw invalid(`expected <, <=, > or >=, because measured figures are never exactly equal, found "${text}"`);
  }
  return { kind: 'absolute', text, metric, operator, limit };
}

function parseRelative(text: string): RelativeRule {
  const match = RELATIVE.exec(text);
  if (match === null)
    throw invalid(`expected a metric, such as "cpu.switchMicrosPerMessage within 3%", found "${text}"`);
  const [, name = '', percent] = match;
  const metric = metricNamed(name);
  if (percent !== undefined && metric.kind === 'exact') {
    throw invalid(`${name} is a count that is equal or not, and takes no "within", found "${text}"`);
  }
  const own = percent === undefined ? metric.smallestDifferenceShare : Number(percent) / 100;
  if (metric.kind === 'ratio' && own <= 0) throw invalid(`expected a difference above 0 %, found "${text}"`);
  return { kind: 'relative', text, metric, smallestDifferenceShare: own };
}

/** Checks that concern several rules. */
function checkWhole(source: YamlSource, rules: GateRules): void {
  const { looks, confidence, absolute, relative } = rules;
  const fail = (path: readonly PropertyKey[], what: string): never => {
    throw invalid(`${source.place(path)}: ${what}`);
  };
  const [first = 0, second = Number.POSITIVE_INFINITY] = looks;
  if (second <= first) fail(['looks'], `looks: expected rising numbers of pairs, found ${looks.join(', ')}`);
  if (!(confidence >= 0.5 && confidence < 1)) {
    fail(['confidence'], `confidence: expected at least 50% and below 100%, found ${confidence * 100}%`);
  }
  if (absolute.length + relative.length === 0)
    fail([], 'expected at least one rule under absolute or relative, found none');
  if (relative.length > GATING_METRICS_MAX) {
    fail(['relative'], `relative: expected at most ${GATING_METRICS_MAX} metrics, found ${relative.length}`);
  }
  relative.forEach(({ metric }, i) => {
    if (relative.findIndex((rule) => rule.metric.name === metric.name) < i) {
      fail(['relative', i], `${metric.name} is named twice`);
    }
  });
}

function invalid(message: string): TrunklineError {
  return new TrunklineError('GATE_RULES_INVALID', message);
}
