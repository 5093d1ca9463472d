/**
 * A gate as a comment on a pull request: the verdict, a row for each rule that decides, and the rest folded. It begins
 * with a mark, by which a workflow finds its earlier comment to replace it.
 */
import type { Comparison } from '../../analysis/comparison/comparison-schema.ts';
import { confidenceWords } from '../../analysis/comparison/comparison-sentences.ts';
import type { GateOutcome, GateVerdict, RuleOutcome } from '../../analysis/gate/gate-schema.ts';
import { formatCount, formatCountOf } from '../../base/units.ts';
import { comparisonMarkdown } from '../comparison/comparison-markdown.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import { GATE_MARKS, RULE_HEADINGS, ruleCells } from './rule-cells.ts';

/** GitHub refuses a longer comment: "body is too long (maximum is 65536 characters)". */
export const COMMENT_CHARACTERS_MAX = 65_536;
/** The first line of every comment; it is not shown. */
export const COMMENT_MARK = '<!-- trunkline gate -->';

/** Room for the sentence on what was left out. */
const CUT_CHARACTERS = 300;
/** Of a text that is always shown, before its characters are escaped. */
const TEXT_CHARACTERS_MAX = 2000;
/** Rules that did not pass come first, since a long table is cut. */
const ORDER: readonly GateVerdict[] = ['failed', 'invalid', 'inconclusive', 'passed'];

export function gateComment(gate: GateOutcome): string {
  const rules = ORDER.flatMap((outcome) => gate.rules.filter((rule) => rule.outcome === outcome));
  const page = new CutPage(COMMENT_CHARACTERS_MAX - CUT_CHARACTERS);
  page.add([
    COMMENT_MARK,
    `### ${GATE_MARKS[gate.outcome]} Gate of ${escapeMarkdown(shortened(gate.scenario))}`,
    '',
    `**${escapeMarkdown(shortened(gate.sentence))}**`,
    '',
  ]);
  const [heading = '', line = '', ...rows] = markdownTable(RULE_HEADINGS, rules.map(ruleCells));
  page.add([heading, line]);
  page.addRows(rows, 'rules');
  page.addFolded('In words', inWords(gate.sentence, rules), 'rules in words');
  if (gate.comparison !== null) {
    page.addFolded('Comparison', comparisonLines(gate, gate.comparison), 'lines of the comparison');
  }
  page.addFolded('How it was measured', conditions(gate), 'lines on how it was measured');
  return page.text();
}

/** One line per rule. A reason that the verdict or an earlier line gives is not given again. */
function inWords(verdict: string, rules: readonly RuleOutcome[]): string[] {
  const given = [verdict];
  return rules.map(({ rule, metric, sentence, isEvaluated }) => {
    const isGiven = !isEvaluated && isGivenIn(given, sentence);
    if (!isEvaluated && !isGiven) given.push(sentence);
    const said = isGiven ? 'not judged, for the reason above' : withoutStart(sentence, [`${rule}: `, `${metric}: `]);
    return `- ${escapeMarkdown(rule)}: ${escapeMarkdown(said)}`;
  });
}

/** Sentences begin with what they are about, which the line already says. */
function withoutStart(sentence: string, starts: readonly string[]): string {
  const start = starts.find((one) => sentence.startsWith(one)) ?? '';
  return sentence.slice(start.length);
}

/** Without its sentence where that is the reason in the verdict, or of a rule. */
function comparisonLines(gate: GateOutcome, comparison: Comparison): string[] {
  const [sentence = '', ...lines] = comparisonMarkdown(comparison).trimEnd().split('\n');
  const given = [gate.sentence, ...gate.rules.map((rule) => rule.sentence)];
  return isGivenIn(given, comparison.sentence) ? lines.slice(1) : [sentence, ...lines];
}

function isGivenIn(given: readonly string[], sentence: string): boolean {
  return given.some((text) => text.includes(sentence.replace(/\.$/, '')));
}

function shortened(text: string): string {
  return text.length <= TEXT_CHARACTERS_MAX ? text : `${text.slice(0, TEXT_CHARACTERS_MAX)}…`;
}

function conditions(gate: GateOutcome): string[] {
  return [
    `- ${gate.comparison === null ? formatCountOf(gate.runs, 'run') : formatCountOf(gate.runs, 'pair of runs', 'pairs of runs')}, looks at ${gate.looks.join(' and ')}, confidence ${confidenceWords(gate.confidence)}`,
    `- ${escapeMarkdown(`${gate.machineClass}, started ${gate.startedAt}`)}`,
  ];
}

/** Whole lines up to a number of characters, and a sentence on what was left out. */
class CutPage {
  readonly #lines: string[] = [];
  readonly #cut: string[] = [];
  #left: number;

  constructor(characters: number) {
    this.#left = characters;
  }

  /** Lines that are needed together: a part of them would not be shown as what it is. */
  add(lines: readonly string[]): boolean {
    const characters = lines.reduce((sum, line) => sum + line.length + 1, 0);
    if (characters > this.#left) return false;
    this.#left -= characters;
    this.#lines.push(...lines);
    return true;
  }

  /** As many lines as fit. @param what they are, for the sentence. */
  addRows(rows: readonly string[], what: string): void {
    let kept = 0;
    while (kept < rows.length && this.add([rows[kept] ?? ''])) kept++;
    if (kept < rows.length) this.#cut.push(`${formatCount(rows.length - kept)} of ${formatCount(rows.length)} ${what}`);
  }

  /** A section that is shown on request. A list or a table is cut between two of its lines. */
  addFolded(title: string, lines: readonly string[], what: string): void {
    const end = ['', '</details>'];
    const endCharacters = end.reduce((sum, line) => sum + line.length + 1, 0);
    this.#left -= endCharacters;
    const isOpen = this.add(['', `<details><summary>${title}</summary>`, '']);
    if (isOpen) this.addRows(lines, what);
    else this.#cut.push(`all ${formatCount(lines.length)} ${what}`);
    this.#left += endCharacters;
    if (isOpen) this.add(end);
  }

  text(): string {
    const cut =
      this.#cut.length === 0
        ? []
        : ['', `_Left out to fit a comment: ${this.#cut.join(', ')}. The file gate.json has everything._`];
    return [...this.#lines, ...cut, ''].join('\n');
  }
}
