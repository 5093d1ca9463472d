/** The page of a comparison. It reads only the outcome. */

import type { Comparison, ComparisonSide } from '../../../analysis/comparison/comparison-schema.ts';
import { formatCountOf } from '../../../base/units.ts';
import { comparisonMarkdown } from '../../comparison/comparison-markdown.ts';
import { markup } from '../markup.ts';
import { metricFigures } from '../metric-figures.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { publishedSection, type SystemFigures } from '../published-section.ts';
import { PAGE_TONE, TONE_OF_VERDICT } from '../svg/tone.ts';
import { comparisonSections, decidingTable } from './comparison-sections.ts';

/** @param source the file of the outcome. */
export function comparisonPage(comparison: Comparison, source: PageSource): Page {
  const { base, candidate, verdict, sentence, method, runs } = comparison;
  return {
    kind: 'comparison',
    title: `${base.name} against ${candidate.name}`,
    about: [
      candidate.scenario,
      `transport ${candidate.transport}${candidate.isSimulated ? ', simulated' : ''}`,
      `${method}, ${runs.valid} of ${runs.planned} valid`,
      candidate.machineClass,
    ],
    verdict: { tone: PAGE_TONE[TONE_OF_VERDICT[verdict]], sentence },
    lead: markup`${decidingTable(comparison)}
<p class="note">~ no change was detected, which does not mean that there is none. Base and candidate are medians.</p>`,
    sections: [
      ...comparisonSections(comparison),
      ...publishedSection(comparisonFigures(comparison), comparison.published),
      provenanceSection({
        commands: outcomeCommand(comparison.command),
        differences: sideDifferences(comparison),
        sources: [source],
        facts: [...sideFacts(base), ...sideFacts(candidate)],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: comparisonMarkdown(comparison),
  };
}

/** Of both sides, what others have published of their systems. */
export function comparisonFigures({ base, candidate, rows, runs, method }: Comparison): SystemFigures[] {
  const source = `medians over ${formatCountOf(runs.valid, method === 'paired' ? 'pair' : 'run')}`;
  const side = (which: 'base' | 'candidate', { name, isSimulated }: ComparisonSide): SystemFigures[] =>
    metricFigures({
      name,
      isSimulated,
      source,
      read: (metric) => rows.find((row) => row.metric === metric)?.[which] ?? null,
    });
  return [...side('base', base), ...side('candidate', candidate)];
}

/** What identifies a side. */
export function sideFacts(side: ComparisonSide): [string, string][] {
  return [
    [`${side.name}: scenario`, side.scenario],
    [`${side.name}: commit`, side.commits.join(', ') || 'unknown'],
    [`${side.name}: Node`, side.nodes.join(', ')],
    [`${side.name}: machine`, side.machineClass],
    [`${side.name}: results`, idWords(side.resultIds)],
  ];
}

/** How the scenarios of the sides differ. */
export function sideDifferences({ scenarioDifferences }: Comparison): string[] {
  if (scenarioDifferences.length === 0) return ['None: both sides have the same settings.'];
  return scenarioDifferences.map(({ name, values }) => `${name}: ${values.join(' against ')}`);
}

/** The first and the last; the JSON has all of them. */
function idWords(ids: readonly string[]): string {
  const [first, last] = [ids[0], ids.at(-1)];
  if (first === undefined || last === undefined) return 'none';
  return ids.length === 1 ? first : `${ids.length}: ${first} … ${last}`;
}
