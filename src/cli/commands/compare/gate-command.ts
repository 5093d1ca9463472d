/** `trunkline gate`: whether a candidate passes the rules that were declared in advance. */
import type { Argv, CommandModule } from 'yargs';
import type { Metric } from '../../../analysis/comparison/result-metrics.ts';
import { asEarlierLook, evaluateGate, type GateOptions } from '../../../analysis/gate/evaluate-gate.ts';
import { type GateRules, parseGateRules } from '../../../analysis/gate/gate-rules.ts';
import type { EarlierLook, GateOutcome } from '../../../analysis/gate/gate-schema.ts';
import { TrunklineError } from '../../../base/errors.ts';
import { pairEstimatesSoFar, runEstimatesSoFar } from '../../../report/comparison/estimates-so-far.ts';
import type { Result } from '../../../result/result-schema.ts';
import type { Series, SeriesSide } from '../../../run/series/series.ts';
import { bonferroniConfidence } from '../../../stats/bonferroni-confidence.ts';
import {
  type BaselineArguments,
  baselineFor,
  baselineOptions,
  checkBaseline,
  saveBaseline,
} from '../../options/baseline-options.ts';
import { checkOutputs } from '../../options/check-outputs.ts';
import { sideOptions, tooFew } from '../../options/comparison-arguments.ts';
import { loadOptions } from '../../options/load-options.ts';
import { ownCommand } from '../../options/own-command.ts';
import { checkRevisions, revisionOptions, type SidedBuilds, withBuilds } from '../../options/revision-options.ts';
import { findText, GATES } from '../../options/shipped-files.ts';
import { ExitCode } from '../../terminal/exit-code.ts';
import { seriesOptions, withSeries } from '../run/with-series.ts';
import { type GateOutputs, gateOutputOptions, writeGate } from './gate-outputs.ts';
import { baseSide, candidateSide, checkDifferent, namedNoiseFloors, type SidedArguments } from './sided-arguments.ts';

export interface GateArguments extends SidedArguments, GateOutputs, BaselineArguments {
  readonly rules: string;
  readonly base: string;
}

export function gateCommand(): CommandModule<object, GateArguments> {
  return {
    command: 'gate <rules> <base> [candidate]',
    describe: 'Check a candidate against the rules of a gate, for CI',
    builder,
    handler: async (args) => {
      process.exitCode = await gate(args);
    },
  };
}

function builder(yargs: Argv<object>): Argv<GateArguments> {
  return baselineOptions(revisionOptions(gateOutputOptions(sideOptions(loadOptions(seriesOptions(yargs))))))
    .positional('rules', {
      type: 'string',
      demandOption: true,
      describe: 'Shipped rules, such as self, or a YAML file of rules',
    })
    .example('$0 gate rules.yaml smoke --base-revision main', 'The work tree against main, built beside it')
    .example('$0 gate rules.yaml smoke --save-baseline baselines', 'Store runs for later comparisons')
    .example('$0 gate rules.yaml smoke --baseline baselines', 'Compare with them: unpaired, weaker')
    .example('$0 gate rules.yaml before.yaml after.yaml --junit gate.xml', 'Two scenarios, JUnit for CI')
    .epilogue(
      'Exit codes: 0 passed, 1 a rule is broken, 2 usage, configuration, or no rule could be evaluated, 3 the measurement is invalid, 4 inconclusive with --inconclusive-exit.',
    ) as unknown as Argv<GateArguments>; // yargs turns base-set into baseSet, and so on
}

async function gate(args: GateArguments): Promise<number> {
  const rules = readRules(args.rules);
  const options = { ...namedNoiseFloors(args), command: ownCommand() };
  checkRevisions(args);
  checkOutputs(args);
  checkBaseline(args, args.baseRevision !== undefined || args.baseSet.length > 0 || args.candidate !== undefined);
  return withBuilds(args, async (builds) => {
    const contest = await contestOf(args, rules, builds);
    const blocks = contest.rules.looks.at(-1) ?? 0;
    const estimate = (series: Series): string[] => gateSoFar(series, contest, blocks);
    const plan = { name: 'gate', sides: contest.sides, blocks, estimate };
    return withSeries(args, plan, async (series, run) => {
      const judged = await judge(series, run, contest, options);
      if (judged === null) return ExitCode.FINE; // interrupted; the series has reported it
      const { outcome, candidates } = judged;
      if (outcome !== null) await writeGate(outcome, candidates, series.folder, args);
      const code = outcome === null ? ExitCode.FINE : gateExitCode(outcome, args.inconclusiveExit);
      const isSound = outcome === null || outcome.outcome === 'passed' || outcome.outcome === 'inconclusive';
      if (args.saveBaseline !== undefined && isSound) await saveBaseline(args.saveBaseline, candidates, args.quiet);
      return code;
    });
  });
}

/** Whether the two sides differ, so that a candidate whose runs are stored is also compared. */
function hasSides({ baseRevision, baseSet, candidateSet, candidate }: GateArguments): boolean {
  return baseRevision !== undefined || baseSet.length > 0 || candidate !== undefined || candidateSet.length > 0;
}

function readRules(nameOrPath: string): GateRules {
  const { text, file } = findText(GATES, nameOrPath);
  const rules = parseGateRules(text, file);
  checkLooks(rules, file);
  return rules;
}

/** Refuses a first look with too few pairs for an interval, which could not judge any rule on a measured figure. */
function checkLooks({ looks, confidence, absolute, relative }: GateRules, file: string): void {
  const ofLook = bonferroniConfidence(confidence, looks.length);
  const isMeasured = ({ metric }: { readonly metric: Metric }): boolean => metric.kind === 'ratio';
  const wanted = [
    ...(absolute.some(isMeasured) ? [ofLook] : []),
    ...(relative.some(isMeasured) ? [bonferroniConfidence(ofLook, relative.length)] : []),
  ];
  const [first = 0] = looks;
  const refusal = wanted.map((one) => tooFew(first, one)).find((one) => one !== null);
  if (refusal === undefined) return;
  throw new TrunklineError(
    'GATE_RULES_INVALID',
    `${file}: looks: ${first} for the first look: ${refusal}. Ask for more, or for fewer relative rules.`,
  );
}

/** The sides that run, and what the candidate is compared with. */
interface Contest {
  /** The candidate comes last; it is alone if it is not compared with a base that runs beside it. */
  readonly sides: readonly SeriesSide[];
  readonly rules: GateRules;
  /** Runs of a stored baseline; null without one. */
  readonly bases: readonly Result[] | null;
}

/**
 * A base is not needed if all rules are absolute, or if the runs are only stored; relative rules are then not
 * evaluated.
 */
async function contestOf(args: GateArguments, rules: GateRules, builds: SidedBuilds): Promise<Contest> {
  const candidate = await candidateSide(args, args.base, builds);
  if (args.baseline !== undefined) {
    const bases = rules.relative.length === 0 ? null : baselineFor(args.baseline, candidate).results;
    return { sides: [candidate], rules, bases };
  }
  if (args.saveBaseline !== undefined && !hasSides(args)) {
    return { sides: [candidate], rules: { ...rules, relative: [], looks: rules.looks.slice(-1) }, bases: null };
  }
  if (rules.relative.length === 0) return { sides: [candidate], rules, bases: null };
  const base = await baseSide(args, args.base, builds);
  checkDifferent(
    base,
    candidate,
    `gate ${args.rules} ${args.base}: expected two sides that differ, found the same build and scenario twice, so that no rule could fail: name the other with --base-revision, --candidate-set, --baseline or a second scenario.`,
  );
  return { sides: [base, candidate], rules, bases: null };
}

/** The metrics of relative rules where base and candidate run, otherwise figures of the candidate. */
function gateSoFar(series: Series, { sides, rules }: Contest, blocks: number): string[] {
  if (sides.length === 1) return runEstimatesSoFar(series.results(0, blocks));
  return pairEstimatesSoFar(series.pairs(blocks), { gating: rules.relative.map(({ metric }) => metric.name) });
}

interface Judged {
  /** Null if no rule could be judged because the runs were only to be stored. */
  readonly outcome: GateOutcome | null;
  readonly candidates: readonly Result[];
}

/** Judges at each declared look until the outcome is decided. @returns null if interrupted. */
async function judge(
  series: Series,
  run: (blocks: number) => Promise<boolean>,
  { sides, rules, bases }: Contest,
  options: GateOptions,
): Promise<Judged | null> {
  const isPaired = sides.length > 1;
  const earlierLooks: EarlierLook[] = [];
  for (let look: number | null = rules.looks[0] ?? 0; ; ) {
    if (!(await run(look))) return null;
    const candidates = series.results(sides.length - 1, look);
    if (rules.absolute.length + rules.relative.length === 0) return { outcome: null, candidates };
    const evidence = isPaired ? { pairs: series.pairs(look) } : { candidates, ...(bases === null ? {} : { bases }) };
    const outcome: GateOutcome = evaluateGate(rules, evidence, { ...options, earlierLooks });
    if (outcome.nextLookPairs === null) return { outcome, candidates };
    earlierLooks.push(asEarlierLook(outcome));
    look = outcome.nextLookPairs;
  }
}

/**
 * Never 0 if nothing could be measured. Inconclusive is 0 by default, since relative rules fail only on a proven
 * regression. If no rule was compared with a measurement, the outcome is not inconclusive but invalid.
 */
function gateExitCode({ outcome, rules }: GateOutcome, inconclusiveExit: boolean): number {
  if (!rules.some(({ isEvaluated }) => isEvaluated)) return ExitCode.USAGE;
  switch (outcome) {
    case 'passed':
      return ExitCode.FINE;
    case 'failed':
      return ExitCode.THRESHOLD_FAILED;
    case 'invalid':
      return ExitCode.INVALID;
    case 'inconclusive':
      if (!rules.every(({ isEvaluated }) => isEvaluated)) return ExitCode.INVALID;
      return inconclusiveExit ? ExitCode.INCONCLUSIVE : ExitCode.FINE;
  }
}
