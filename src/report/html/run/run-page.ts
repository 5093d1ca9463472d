/** The page of a run: the answers first, then the charts, then how to repeat it. It reads only the result. */
import { asPublished } from '../../../result/as-published.ts';
import type { PublishedFigure } from '../../../result/published-figures.ts';
import type { Result } from '../../../result/result-schema.ts';
import { runVerdict } from '../../run/run-verdict.ts';
import { summaryMarkdown } from '../../run/summary-markdown.ts';
import { ownWords } from '../../text/published-words.ts';
import { markup } from '../markup.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection } from '../published-section.ts';
import { type Timeline, thinTimeline, timelineFigures } from '../timeline.ts';
import { eventsSection } from './disturbances/events-section.ts';
import { faultsSection } from './disturbances/faults-section.ts';
import { stormsSection } from './disturbances/storms-section.ts';
import { guardTable } from './guard-table.ts';
import { latencyPlot } from './latency-plot.ts';
import { memoryFits } from './memory-fits.ts';
import { runAnswers } from './run-answers.ts';
import { runFigures } from './run-figures.ts';
import { integrityTable, memoryTable, phaseTables, processorTables } from './run-tables.ts';
import { runTimeline } from './run-timeline.ts';
import { contentSection } from './sections/content-section.ts';
import { durabilitySection } from './sections/durability-section.ts';
import { groupsSection } from './sections/groups-section.ts';
import { httpSection } from './sections/http-section.ts';
import { misfitSection } from './sections/misfit-section.ts';
import { networkSection } from './sections/network-section.ts';
import { overloadSection } from './sections/overload-section.ts';
import { platformsSection } from './sections/platforms-section.ts';
import { presenceSection } from './sections/presence-section.ts';

/** What a page of a run says besides the result. */
export interface RunPageContext {
  /** Commands that repeat the run. */
  readonly commands: readonly string[];
  /** How the scenario differs from the one that the command names. */
  readonly differences: readonly string[];
  /** The file of the result. */
  readonly source: PageSource;
  /** Sections from other files of the run, such as its profiles. */
  readonly moreSections?: readonly PageSection[];
}

/** The page of a result. */
export function runPage(result: Result, context: RunPageContext): Page {
  const timeline = thinTimeline(runTimeline(result));
  return {
    kind: 'run',
    title: titleOf(result),
    about: aboutOf(result),
    verdict: runVerdict(result),
    lead: runAnswers(result),
    sections: [...sectionsOf(result, timeline), ...(context.moreSections ?? []), provenanceOf(result, context)],
    timelines: [timeline],
    markdown: summaryMarkdown(result),
  };
}

function titleOf({ scenario: { name, step } }: Result): string {
  return step === null ? name : `${name}, step ${step.name} (${step.number} of ${step.of})`;
}

function aboutOf({ scenario, startedAt, environment, sockets }: Result): string[] {
  return [
    `transport ${scenario.transport}${scenario.isSimulated ? ', simulated: phones are rows in memory, no kernel sockets' : ''}`,
    ...(sockets?.hold === 'rings' ? ['sockets in tables of io_uring'] : []),
    ...(sockets?.hold === 'descriptors' ? ['one descriptor per socket'] : []),
    startedAt.replace(/\.\d+Z$/, 'Z'),
    environment.machineClass,
  ];
}

/** In the order of what a reader asks next. */
function sectionsOf(result: Result, timeline: Timeline): PageSection[] {
  const isEmpty = timeline.charts.length === 0;
  return [
    { id: 'guards', title: 'Validity', html: guardTable(result) },
    {
      id: 'memory',
      title: 'Memory against connections',
      html: markup`${memoryFits(result)}
${memoryTable(result)}`,
    },
    {
      id: 'timeline',
      title: 'Timeline',
      html: markup`${isEmpty ? markup`<p>The run ended before the first interval.</p>` : timelineFigures(timeline)}
<h3>Phases</h3>
${phaseTables(result)}`,
    },
    {
      id: 'latency',
      title: 'Latency percentiles',
      html: markup`<div class="charts">${latencyPlot(result)}</div>`,
    },
    ...groupsSection(result),
    ...httpSection(result),
    ...overloadSection(result),
    ...misfitSection(result),
    ...platformsSection(result),
    ...contentSection(result),
    ...presenceSection(result),
    ...networkSection(result),
    ...eventsSection(result),
    ...stormsSection(result),
    ...faultsSection(result),
    ...durabilitySection(result),
    { id: 'processor', title: 'Processor time', html: processorTables(result) },
    { id: 'integrity', title: 'Messages and connections', html: integrityTable(result) },
    ...publishedSection(runFigures(result), quotedFigures(result)),
  ];
}

function provenanceOf(result: Result, { commands, differences, source }: RunPageContext): PageSection {
  const { scenario, environment, calibration } = result;
  return provenanceSection({
    commands,
    differences,
    sources: [source],
    facts: [
      ['run', result.id],
      ['schema', result.schema],
      ['seed', String(scenario.seed)],
      ['scenario', scenario.file],
      ['scenario, SHA-256', scenario.hash],
      ['calibration', calibration === null ? 'none' : `${Math.round(calibration.messagesPerSecond)} messages/s`],
    ],
    environment,
  });
}

/** The published figures that the scenario quotes, with what the run says to each. */
function quotedFigures(result: Result): PublishedFigure[] {
  return asPublished(result).map((row) => ({ figure: `${row.figure}: ${ownWords(row)}`, source: row.source }));
}
