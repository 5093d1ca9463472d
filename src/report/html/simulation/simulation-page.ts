/** The page of a series of simulations: failures, faults, which phases of phones they struck, and pace. */
import type { SimulationReport } from '../../../analysis/simulation/simulation-schema.ts';
import { formatCount } from '../../../base/units.ts';
import { simulationMarkdown } from '../../simulation/simulation-markdown.ts';
import {
  damagedStores,
  failureLine,
  messageCounts,
  repeatedSeeds,
  simulationPace,
  simulationSentence,
} from '../../simulation/simulation-text.ts';
import { table } from '../chart-table.ts';
import { markup } from '../markup.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page, PageSection } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { noteList, sentenceList } from '../sentence-list.ts';

/** @param source the file of the report. */
export function simulationPage(report: SimulationReport, source: PageSource): Page {
  const { scenario, seeds, firstSeed, failedSeeds } = report;
  return {
    kind: 'simulation',
    title: scenario,
    about: [
      seeds === 1 ? `seed ${firstSeed}` : `${formatCount(seeds)} seeds from ${firstSeed}`,
      'simulated: virtual time, one thread per seed',
    ],
    verdict: { tone: failedSeeds === 0 ? 'good' : 'bad', sentence: simulationSentence(report) },
    lead: markup`${sentenceList([
      `Messages: ${messageCounts(report)}.`,
      `${simulationPace(report)}.`,
      `Checks: ${repeatedSeeds(report)}; ${damagedStores(report)}.`,
    ])}`,
    sections: [
      ...(report.failures.length === 0 ? [] : [failuresSection(report)]),
      faultsSection(report),
      provenanceSection({
        commands: outcomeCommand(report.command),
        differences: [],
        sources: [source],
        facts: [],
        environment: report.environment,
      }),
    ],
    timelines: [],
    markdown: simulationMarkdown(report),
  };
}

function failuresSection({ failures, failedSeeds }: SimulationReport): PageSection {
  return {
    id: 'failures',
    title: 'Failed seeds',
    html: markup`${sentenceList(failures.map(failureLine))}
${noteList(failures.length < failedSeeds ? [furtherSeeds(failedSeeds - failures.length)] : [])}`,
  };
}

function furtherSeeds(count: number): string {
  return count === 1 ? 'One further seed failed.' : `${formatCount(count)} further seeds failed.`;
}

function faultsSection({ faults, phases }: SimulationReport): PageSection {
  const rows = faults.map(({ kind, injected, phones }) => [
    kind,
    formatCount(injected),
    ...phones.map((count) => (count === 0 ? '–' : formatCount(count))),
  ]);
  const pairs = faults.length * phases.length;
  const seen = faults.reduce((sum, { phones }) => sum + phones.filter((count) => count > 0).length, 0);
  return {
    id: 'faults',
    title: 'Faults and coverage',
    html: markup`${table('Faults, and the phase of the phones at that moment', ['fault', 'injected', ...phases], rows)}
${noteList([
  `${seen} of ${pairs} combinations of fault and phase occurred.`,
  'A fault of a connection affects one phone; one of a shard, a disk or a clock affects all phones that connect.',
  'Only faults that had an effect are counted as injected: a phone without a connection has none to lose. Phases also count those without.',
])}`,
  };
}
