/** The page of noise floors (`aa`): how much each figure varies without a change, and which change can be detected. */
import { percentWords } from '../../../analysis/comparison/comparison-sentences.ts';
import type { NoiseFloors } from '../../../analysis/comparison/noise-floors-schema.ts';
import { noiseFloorsMarkdown, noiseFloorsSentence } from '../../comparison/noise-floors-table.ts';
import { markup } from '../markup.ts';
import { outcomeCommand } from '../outcome-command.ts';
import type { Page } from '../page.ts';
import { type PageSource, provenanceSection } from '../provenance.ts';
import { chartFigure } from '../svg/chart-figure.ts';
import { noisePlot } from './noise-plot.ts';

/** @param source the file of the floors. */
export function noiseFloorsPage(noise: NoiseFloors, source: PageSource): Page {
  const { scenario, machineClass, pairs, plannedPairs, floors } = noise;
  const isAnyUsable = floors.some(({ isUsable }) => isUsable);
  const share = (value: number | null): string => (value === null ? '–' : percentWords(value));
  const headings = [
    'metric',
    'noise floor',
    `found with ${plannedPairs} pairs`,
    'smallest difference',
    'n',
    'may gate',
  ];
  const rows = floors.map((floor) => [
    floor.metric,
    share(floor.floorShare),
    share(floor.smallestDetectableShare),
    share(floor.smallestDifferenceShare),
    floor.pairs,
    floor.isUsable ? 'yes' : 'no',
  ]);
  return {
    kind: 'noise floors',
    title: `${scenario} against itself`,
    about: [`${pairs.valid} of ${pairs.planned} pairs valid`, machineClass],
    verdict: { tone: isAnyUsable ? 'neutral' : 'warning', sentence: noiseFloorsSentence(noise) },
    lead: markup``,
    sections: [
      {
        id: 'floors',
        title: 'Noise floors',
        html: markup`${chartFigure({
          title: 'Noise floor beside the smallest difference that matters',
          note: `Bar: the difference that identical runs show. Line: the smallest difference that matters; a metric whose bar passes it does not gate. Ring: the change that ${plannedPairs} pairs detect with a probability of 0.8.`,
          draw: (width) =>
            noisePlot(
              floors.map((floor) => ({ ...floor, said: floor.sentence })),
              width,
              `Noise floors of ${floors.length} metrics; the table below has the values`,
            ),
          headings,
          rows,
        })}`,
      },
      provenanceSection({
        commands: outcomeCommand(noise.command),
        differences: ['None: both sides are the same.'],
        sources: [source],
        facts: [['machine', machineClass]],
        environment: null,
      }),
    ],
    timelines: [],
    markdown: noiseFloorsMarkdown(noise),
  };
}
