/** The page of several runs of one scenario: the median and the range of each figure, and each run as a dot. */

import { formatFigure } from '../../../analysis/comparison/format-figure.ts';
import { DEFAULT_GATING_METRICS, type Metric, metricNamed } from '../../../analysis/comparison/result-metrics.ts';
import { firstReason, guardReason } from '../../../analysis/comparison/usable-pairs.ts';
import { formatCountOf } from '../../../base/units.ts';
import type { Result } from '../../../result/result-schema.ts';
import { median } from '../../../stats/quantiles.ts';
import { repeatSummary, repeatVerdict } from '../../run/repeat-summary.ts';
import { markdownBlock } from '../../text/markdown.ts';
import { PLAIN } from '../../text/palette.ts';
import { table } from '../chart-table.ts';
import { type Markup, markup } from '../markup.ts';
import type { Page, PageVerdict } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { fixed } from '../svg-plot.ts';

/** What a page of runs says besides the results. */
export interface RepeatPageContext {
  /** The folder of the results. */
  readonly folder: string;
  readonly commands: readonly string[];
  /** What differs from the scenario, as sentences. */
  readonly differences: readonly string[];
  readonly sources: readonly PageSource[];
}

const STRIP_WIDTH = 220;
const STRIP_HEIGHT = 18;
const STRIP_MARGIN = 6;

/** The page of the runs. @param results at least one. */
export function repeatPage(
  results: readonly Result[],
  { folder, commands, differences, sources }: RepeatPageContext,
): Page {
  const [first] = results;
  const isSimulated = results.some(({ scenario }) => scenario.isSimulated);
  return {
    kind: 'repeat',
    title: first?.scenario.name ?? '',
    about: [
      formatCountOf(results.length, 'run'),
      `transport ${first?.scenario.transport ?? 'unknown'}${isSimulated ? ', simulated: phones are rows in memory, no kernel sockets' : ''}`,
      first?.startedAt.replace(/\.\d+Z$/, 'Z') ?? '',
    ],
    verdict: withReason(repeatVerdict(results), results),
    lead: metricTable(results),
    sections: [
      { id: 'runs', title: 'Runs', html: runTable(results) },
      provenanceSection({
        commands,
        differences,
        sources,
        facts:
          first === undefined
            ? []
            : [
                ['seed', String(first.scenario.seed)],
                ['scenario', first.scenario.file],
                ['scenario, SHA-256', first.scenario.hash],
              ],
        environment: first?.environment ?? null,
      }),
    ],
    timelines: [],
    markdown: `${markdownBlock(repeatSummary(results, folder, PLAIN))}\n`,
  };
}

/** With the reason of the first run that is not valid: the list of the runs is below the first screen. */
function withReason(verdict: PageVerdict, results: readonly Result[]): PageVerdict {
  const dropped = results.find(({ validity }) => !validity.isValid);
  if (dropped === undefined) return verdict;
  return { ...verdict, sentence: `${verdict.sentence} The first that is not: ${guardReason(dropped)}.` };
}

function metricTable(results: readonly Result[]): Markup {
  const valid = results.filter(({ validity }) => validity.isValid);
  const rows = DEFAULT_GATING_METRICS.map(metricNamed).map((metric) => {
    const values = valid.map((result) => metric.read(result)).filter((value) => value !== null);
    if (values.length === 0)
      return [
        metric.name,
        valid.length === 0 ? 'no valid run' : (firstReason(metric, valid) ?? 'not measured'),
        '–',
        '–',
        '–',
        '0',
      ];
    const shown = (value: number): string => formatFigure(value, metric.unit);
    return [
      metric.name,
      markup`<b>${shown(median(values))}</b>`,
      shown(Math.min(...values)),
      shown(Math.max(...values)),
      strip(metric, values),
      String(values.length),
    ];
  });
  return table('Figures of the valid runs', ['metric', 'median', 'minimum', 'maximum', 'each run', 'n'], rows);
}

/** A dot per run between the minimum and the maximum, and a line at the median. */
function strip(metric: Metric, values: readonly number[]): Markup {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = (value: number): string =>
    fixed(
      high === low ? STRIP_WIDTH / 2 : STRIP_MARGIN + ((value - low) / (high - low)) * (STRIP_WIDTH - 2 * STRIP_MARGIN),
    );
  const at = place(median(values));
  const dots = values.map(
    (value) => markup`<circle class="dot line-1" cx="${place(value)}" cy="${STRIP_HEIGHT / 2}" r="4"/>`,
  );
  return markup`<svg class="strip" viewBox="0 0 ${STRIP_WIDTH} ${STRIP_HEIGHT}" role="img" aria-label="${metric.name}: ${values.map((value) => formatFigure(value, metric.unit)).join(', ')}">${dots}<line class="limit-mark" x1="${at}" x2="${at}" y1="1" y2="${STRIP_HEIGHT - 1}"/></svg>`;
}

function runTable(results: readonly Result[]): Markup {
  const rows = results.map((result, i) => {
    const { id, startedAt, validity, thresholds } = result;
    const failed = thresholds.filter(({ passed }) => !passed).length;
    const verdict = validity.isValid
      ? markup`<span class="good-text">valid</span>`
      : markup`<span class="bad-text">not valid</span>: ${guardReason(result)}`;
    return [
      String(i + 1),
      id,
      startedAt.replace(/\.\d+Z$/, 'Z'),
      verdict,
      `${thresholds.length - failed} of ${thresholds.length}`,
    ];
  });
  return table('Runs in their order', ['run', 'id', 'started', 'verdict', 'thresholds passed'], rows, [
    'id',
    'started',
    'verdict',
  ]);
}
