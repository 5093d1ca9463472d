/** The page of a gate: its verdict, each rule with its limit drawn beside its value, the looks, then the comparison. */

import type { ComparisonRow } from '../../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../../analysis/comparison/comparison-sentences.ts';
import { formatFigure } from '../../../analysis/comparison/format-figure.ts';
import type { GateOutcome, RuleOutcome } from '../../../analysis/gate/gate-schema.ts';
import { formatCountOf } from '../../../base/units.ts';
import { signedShare } from '../../comparison/comparison-cells.ts';
import { gateStepSummary } from '../../gate/gate-step-summary.ts';
import { table } from '../chart-table.ts';
import { comparisonFigures, sideDifferences, sideFacts } from '../comparison/comparison-page.ts';
import { comparisonSections, decidingTable } from '../comparison/comparison-sections.ts';
import { type Markup, markup } from '../markup.ts';
import { metricFigures } from '../metric-figures.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection, type SystemFigures } from '../published-section.ts';
import { picture } from '../svg/picture.ts';
import { PAGE_TONE, TONE_OF_GATE, TONE_TEXT_CLASS } from '../svg/tone.ts';
import { unbroken } from '../unbroken.ts';
import { type LimitedFigure, limitStrip } from './limit-strip.ts';

const STRIP_WIDTH = 220;

/** @param source the file of the outcome. */
export function gatePage(gate: GateOutcome, source: PageSource): Page {
  const { comparison, scenario, outcome, sentence, runs, confidence, machineClass, startedAt } = gate;
  return {
    kind: 'gate',
    title: `Gate of ${scenario}`,
    about: [
      ...(comparison === null ? [] : [`${comparison.base.name} against ${comparison.candidate.name}`]),
      `${formatCountOf(runs, comparison?.method === 'paired' ? 'pair' : 'run')}`,
      `confidence ${confidenceWords(confidence)}`,
      machineClass,
      startedAt.replace(/\.\d+Z$/, 'Z'),
    ],
    verdict: { tone: PAGE_TONE[TONE_OF_GATE[outcome]], sentence },
    lead: rulesTable('Rules', gate.rules, betterIn(gate)),
    sections: [
      { id: 'looks', title: 'Looks', html: looksHtml(gate) },
      ...comparisonPart(gate),
      ...publishedSection(gateFigures(gate), gate.published),
      provenanceSection({
        commands: outcomeCommand(gate.command),
        differences: comparison === null ? ['None: the candidate was judged alone.'] : sideDifferences(comparison),
        sources: [source],
        facts:
          comparison === null
            ? [['machine', machineClass]]
            : [...sideFacts(comparison.base), ...sideFacts(comparison.candidate)],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: gateStepSummary(gate),
  };
}

const RULE_HEADINGS = ['rule, and value beside limit', 'outcome', 'value', 'interval', 'limit', 'in words'];

type Better = ComparisonRow['better'] | null;

/** @param better what is better of a metric; null if it is not in the comparison. */
function rulesTable(caption: string, rules: readonly RuleOutcome[], better: (metric: string) => Better): Markup {
  return table(
    caption,
    RULE_HEADINGS,
    rules.map((rule) => {
      const value = (figure: number | null): string => (figure === null ? '–' : ruleFigure(rule, figure));
      return [
        markup`${rule.rule}${strip(rule, better(rule.metric))}`,
        markup`<strong class="${TONE_TEXT_CLASS[TONE_OF_GATE[rule.outcome]]}">${rule.outcome}</strong>`,
        unbroken(value(rule.figure)),
        unbroken(rule.low === null || rule.high === null ? '–' : `${value(rule.low)} … ${value(rule.high)}`),
        unbroken(limitWords(rule)),
        rule.sentence,
      ];
    }),
    ['in words'],
  );
}

function ruleFigure({ kind, unit }: RuleOutcome, figure: number): string {
  return kind === 'relative' ? signedShare(figure) : formatFigure(figure, unit);
}

function limitWords({ kind, limit, operator, unit }: RuleOutcome): string {
  if (limit === null) return '–';
  if (kind === 'relative') return `within ±${signedShare(limit).replace('+', '')}`;
  return `${operator ?? ''} ${formatFigure(limit, unit)}`;
}

function strip(rule: RuleOutcome, better: Better): Markup {
  const { limit, figure, low, high, outcome, operator } = rule;
  if (limit === null || figure === null) return markup``;
  const limited: LimitedFigure = {
    figure,
    low,
    high,
    limit,
    isBand: rule.kind === 'relative',
    broken: rule.kind === 'relative' ? worseSide(better) : brokenSide(operator),
    tone: TONE_OF_GATE[outcome],
  };
  return picture(
    limitStrip(
      limited,
      STRIP_WIDTH,
      `${rule.rule}: ${ruleFigure(rule, figure)}, limit ${limitWords(rule)}, ${outcome}`,
    ),
  );
}

/** A relative rule fails only on a change for the worse. */
function worseSide(better: Better): LimitedFigure['broken'] {
  if (better === null) return 'other';
  return better === 'less' ? 'above' : 'below';
}

function betterIn({ comparison }: GateOutcome): (metric: string) => Better {
  return (metric) => comparison?.rows.find((row) => row.metric === metric)?.better ?? null;
}

function brokenSide(operator: RuleOutcome['operator']): LimitedFigure['broken'] {
  switch (operator) {
    case '<':
    case '<=':
      return 'above';
    case '>':
    case '>=':
      return 'below';
    default:
      return 'other';
  }
}

function looksHtml(gate: GateOutcome): Markup {
  const { looks, earlierLooks, runs, outcome, sentence, nextLookPairs } = gate;
  const rows = [
    ...earlierLooks.map((look) => [look.runs, look.outcome, look.sentence]),
    [runs, outcome, sentence],
    ...(nextLookPairs === null ? [] : [[nextLookPairs, 'not yet', 'Run up to these pairs and judge again.']]),
  ];
  const declared = looks.length === 1 ? 'One look was declared' : `Looks at ${looks.join(' and ')} were declared`;
  return markup`<p class="note">${declared} before the runs; the permitted error is divided among them.</p>
${table('Looks', ['runs', 'outcome', 'sentence'], rows, ['sentence'])}
${earlierLooks.map((look) => markup`<details class="more"><summary>Rules at the look after ${formatCountOf(look.runs, 'run')}</summary>${rulesTable(`Rules after ${formatCountOf(look.runs, 'run')}`, look.rules, betterIn(gate))}</details>`)}`;
}

/** Of both sides; of the candidate alone where it was judged alone, those that absolute rules read. */
function gateFigures({ comparison, rules, runs, isSimulated }: GateOutcome): SystemFigures[] {
  if (comparison !== null) return comparisonFigures(comparison);
  return metricFigures({
    name: 'candidate',
    isSimulated: isSimulated === true,
    source: formatCountOf(runs, 'run'),
    read: (metric) => rules.find((rule) => rule.kind === 'absolute' && rule.metric === metric)?.figure ?? null,
  });
}

function comparisonPart({ comparison }: GateOutcome): PageSection[] {
  if (comparison === null) return [];
  const { sentence } = comparison;
  return [
    { id: 'comparison', title: 'Comparison', html: markup`<p>${sentence}</p>${decidingTable(comparison)}` },
    ...comparisonSections(comparison),
  ];
}
