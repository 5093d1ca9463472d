/** The page of a run: the answers first, then the charts, then how to repeat it. It reads only the result. */

import type { Result } from '../../../result/result-schema.ts';
import { summaryMarkdown } from '../../run/summary-markdown.ts';
import { markup } from '../markup.ts';
import type { Page } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { thinTimeline, timelineFigures } from '../timeline.ts';
import { runTimeline } from './run-timeline.ts';

/** What a page of a run says besides the result. */
export interface RunPageContext {
  /** Commands that repeat the run. */
  readonly commands: readonly string[];
  /** How the scenario differs from the one that the command names. */
  readonly differences: readonly string[];
  /** The file of the result. */
  readonly source: PageSource;
}

/** The page of a result. */
export function runPage(result: Result, { commands, differences, source }: RunPageContext): Page {
  const { scenario, environment } = result;
  const timeline = thinTimeline(runTimeline(result));
  return {
    kind: 'run',
    title: scenario.name,
    about: [`transport ${scenario.transport}`, result.startedAt],
    verdict: { tone: 'neutral', sentence: result.id },
    lead: markup``,
    sections: [
      { id: 'timeline', title: 'Timeline', html: timelineFigures(timeline) },
      provenanceSection({
        commands,
        differences,
        sources: [source],
        facts: [
          ['run', result.id],
          ['seed', String(scenario.seed)],
          ['scenario', `${scenario.file}, SHA-256 ${scenario.hash}`],
        ],
        environment,
      }),
    ],
    timelines: [timeline],
    markdown: summaryMarkdown(result),
  };
}
