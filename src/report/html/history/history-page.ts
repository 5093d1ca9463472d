/**
 * The page of a history: per scenario and class of machines each metric over time, with its changes and their commits.
 */

import { verdictWords } from '../../../analysis/comparison/difference-verdict.ts';
import { formatFigure } from '../../../analysis/comparison/format-figure.ts';
import type {
  ChangeHistory,
  HistoryChange,
  HistoryPoint,
  MetricHistory,
} from '../../../analysis/history/history-schema.ts';
import { formatCountOf } from '../../../base/units.ts';
import { historyMarkdown } from '../../history/history-table.ts';
import { table } from '../chart-table.ts';
import { changeWithInterval } from '../comparison/comparison-rows-table.ts';
import { type Markup, markup } from '../markup.ts';
import { metricFigures } from '../metric-figures.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection, type SystemFigures } from '../published-section.ts';
import { chartFigure } from '../svg/chart-figure.ts';
import { HALF } from '../svg/svg.ts';
import { TONE_OF_VERDICT } from '../svg/tone.ts';
import { historyPlot } from './history-plot.ts';

const COMMIT_DIGITS = 12;
const SHORT_COMMIT_DIGITS = 8;
const DAY_CHARACTERS = 10;

/** @param source the file of the outcome. */
export function historyPage(history: ChangeHistory, source: PageSource): Page {
  const { histories, invalidResults, olderResults } = history;
  const shown = histories.filter(({ points }) => points.length > 0);
  const groups = groupsOf(shown);
  const changes = shown.flatMap((one) => one.changes.map((change) => ({ one, change })));
  const regressed = changes.filter(({ change }) => change.verdict === 'regressed').length;
  const scenarios = [...new Set(histories.map(({ scenario }) => scenario))];
  return {
    kind: 'history',
    title: `History of ${scenarios.join(', ') || 'no result'}`,
    about: [
      `${groups.length} ${groups.length === 1 ? 'series' : 'series, by scenario and class of machines'}`,
      ...(invalidResults > 0 ? [`${formatCountOf(invalidResults, 'result')} left out for not being valid`] : []),
      ...(olderResults > 0 ? [`${formatCountOf(olderResults, 'older result')} left out`] : []),
    ],
    verdict: { tone: regressed > 0 ? 'bad' : 'neutral', sentence: sentence(shown.length, changes.length, regressed) },
    lead: changesTable(changes),
    sections: [
      ...groups.map((group, i) => groupSection(group, `series-${i + 1}`)),
      ...publishedSection(groups.flatMap(groupFigures), history.published),
      provenanceSection({
        commands: outcomeCommand(history.command),
        differences: ['Results of other scenarios, by digest, and of other classes of machines are kept apart.'],
        sources: [source],
        facts: [
          ['results left out for not being valid', String(invalidResults)],
          ['older results left out', String(olderResults)],
        ],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: historyMarkdown(history),
  };
}

function sentence(series: number, changes: number, regressed: number): string {
  if (series === 0) return 'No valid result measured any of the metrics.';
  if (changes === 0) return 'No change was detected, which does not mean that there was none.';
  const counted = changes === 1 ? '1 change was' : `${changes} changes were`;
  return `${counted} detected, ${regressed === 0 ? 'no regression' : `${regressed} for the worse`}.`;
}

interface Group {
  readonly title: string;
  readonly metrics: readonly MetricHistory[];
}

/** Results of another scenario or class of machines cannot be compared, so they are kept apart. */
function groupsOf(histories: readonly MetricHistory[]): Group[] {
  const titleOf = ({ scenario, scenarioHash, machineClass }: MetricHistory): string =>
    `${scenario} (${scenarioHash.slice(0, COMMIT_DIGITS)}) on ${machineClass}`;
  return [...new Set(histories.map(titleOf))].map((title) => ({
    title,
    metrics: histories.filter((one) => titleOf(one) === title),
  }));
}

/** The newest result of each metric, beside what others have published. */
function groupFigures({ title, metrics }: Group): SystemFigures[] {
  const newest = (metric: string): HistoryPoint | null =>
    metrics.find((one) => one.metric === metric)?.points.at(-1) ?? null;
  return metricFigures({
    name: metrics[0]?.scenario ?? title,
    isSimulated: metrics[0]?.isSimulated === true,
    source: `newest result on ${metrics[0]?.machineClass ?? title}`,
    read: (metric) => newest(metric)?.value ?? null,
  });
}

interface FoundChange {
  readonly one: MetricHistory;
  readonly change: HistoryChange;
}

function changesTable(changes: readonly FoundChange[]): Markup {
  if (changes.length === 0) return markup``;
  const rows = changes.map(({ one, change }) => [
    markup`${one.metric}<br><small class="note">${one.scenario} on ${one.machineClass}</small>`,
    change.at.startedAt,
    commitsOf(change),
    formatFigure(change.before, one.unit),
    formatFigure(change.now, one.unit),
    changeWithInterval(change),
    verdictWords(change.verdict, change.lean),
  ]);
  return table(
    'Changes',
    ['metric', 'first result of the new level', 'commit', 'before', 'now', 'change', 'verdict'],
    rows,
  );
}

/** The cause is after the last commit of the old level, up to the first of the new one. */
function commitsOf({ at, after }: HistoryChange): string {
  if (at.commit === null) return 'unknown';
  const [from, to] = [after.commit?.slice(0, COMMIT_DIGITS) ?? 'unknown', at.commit.slice(0, COMMIT_DIGITS)];
  return from === to ? `${to}, unchanged` : `${from} … ${to}`;
}

function groupSection({ title, metrics }: Group, id: string): PageSection {
  return { id, title, html: markup`<div class="charts">${metrics.map(metricFigure)}</div>` };
}

function metricFigure(history: MetricHistory): Markup {
  const { metric, unit, points, changes } = history;
  const indexOf = new Map(points.map(({ resultId }, i) => [resultId, i]));
  const figure = (value: number): string => formatFigure(value, unit);
  const changeAt = new Map(changes.map((change) => [change.at.resultId, change]));
  const drawn = {
    points: points.map(({ value, startedAt, resultId, commit }) => ({
      value,
      day: startedAt.slice(0, DAY_CHARACTERS),
      said: `${startedAt}, ${resultId}, commit ${commit?.slice(0, COMMIT_DIGITS) ?? 'unknown'}: ${figure(value)}`,
    })),
    changes: changes.map((change, i) => ({
      index: indexOf.get(change.at.resultId) ?? 0,
      before: change.before,
      now: change.now,
      tone: TONE_OF_VERDICT[change.verdict],
      name: change.at.commit?.slice(0, SHORT_COMMIT_DIGITS) ?? `change ${i + 1}`,
      said: `${figure(change.before)} to ${figure(change.now)}, ${changeWithInterval(change)}: ${verdictWords(change.verdict, change.lean)}`,
    })),
    figureWords: figure,
  };
  const count = changes.length === 0 ? 'no change detected' : formatCountOf(changes.length, 'change');
  return chartFigure({
    title: metric,
    note: `${formatCountOf(points.length, 'result')} at equal distances, in the order of their start; ${count}. Thick lines are the medians between changes.`,
    width: HALF,
    draw: (width) =>
      historyPlot(
        drawn,
        width,
        `${metric} over ${formatCountOf(points.length, 'result')}, ${count}; the table below has the values`,
      ),
    headings: ['result', 'started', 'commit', 'figure', 'change'],
    rows: points.map(({ resultId, startedAt, commit, value }) => [
      resultId,
      startedAt,
      commit?.slice(0, COMMIT_DIGITS) ?? 'unknown',
      figure(value),
      changeAt.get(resultId)?.verdict ?? '',
    ]),
  });
}
