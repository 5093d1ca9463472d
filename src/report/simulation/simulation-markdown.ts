/** What a series of simulations found, as Markdown. */
import type { SimulationReport } from '../../analysis/simulation/simulation-schema.ts';
import { formatCount } from '../../base/units.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import { failureLine, simulationPace, simulationSentence } from './simulation-text.ts';

export function simulationMarkdown(report: SimulationReport): string {
  const { faults, phases, scenario } = report;
  return [
    `### Simulation of ${escapeMarkdown(scenario)}`,
    '',
    escapeMarkdown(simulationSentence(report)),
    '',
    ...report.failures.map((failure) => `- ${escapeMarkdown(failureLine(failure))}`),
    ...(report.failures.length > 0 ? [''] : []),
    escapeMarkdown(simulationPace(report)),
    '',
    ...markdownTable(
      ['fault', 'injected', ...phases],
      faults.map(({ kind, injected, phones }) => [kind, formatCount(injected), ...phones.map(formatCount)]),
    ),
  ].join('\n');
}
