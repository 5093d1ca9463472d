/** Noise floors as text and Markdown: how much a figure varies without a change, and which change can be detected. */
import { confidenceWords, percentWords } from '../../analysis/comparison/comparison-sentences.ts';
import type { NoiseFloors } from '../../analysis/comparison/noise-floors-schema.ts';
import { columns } from '../text/columns.ts';
import { escapeMarkdown, markdownTable } from '../text/markdown.ts';
import type { Palette } from '../text/palette.ts';

const share = (value: number | null): string => (value === null ? '–' : percentWords(value));

function headings({ plannedPairs }: NoiseFloors): string[] {
  return ['metric', 'noise floor', `found with ${plannedPairs} pairs`, 'smallest difference', 'n', 'may gate'];
}

function rows({ floors }: NoiseFloors): string[][] {
  return floors.map((floor) => [
    floor.metric,
    share(floor.floorShare),
    share(floor.smallestDetectableShare),
    share(floor.smallestDifferenceShare),
    String(floor.pairs),
    floor.isUsable ? 'yes' : 'no',
  ]);
}

/** One sentence: how many metrics may gate, from how many pairs. */
export function noiseFloorsSentence({ scenario, machineClass, pairs, confidence, floors }: NoiseFloors): string {
  const usable = floors.filter(({ isUsable }) => isUsable).length;
  return `${scenario} against itself: ${usable} of ${floors.length} metrics are precise enough to gate; ${pairs.valid} of ${pairs.planned} pairs valid, intervals of ${confidenceWords(confidence)}; ${machineClass}`;
}

/** @param path where they are stored. */
export function noiseFloorsTable(floors: NoiseFloors, path: string, palette: Palette): string {
  return [
    palette.strong(noiseFloorsSentence(floors)),
    '',
    ...columns([headings(floors), ...rows(floors)]),
    '',
    `stored  ${path}`,
  ].join('\n');
}

export function noiseFloorsMarkdown(floors: NoiseFloors): string {
  return [
    `**${escapeMarkdown(noiseFloorsSentence(floors))}**`,
    '',
    ...markdownTable(headings(floors), rows(floors)),
    '',
  ].join('\n');
}
