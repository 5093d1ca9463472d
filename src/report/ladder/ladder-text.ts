/** A ladder as text: the sentence, the conditions, and per metric the rungs and what each change gains and loses. */
import type { LadderOutcome } from '../../analysis/ladder/ladder-schema.ts';
import { columns } from '../text/columns.ts';
import type { Palette } from '../text/palette.ts';
import {
  failedRungs,
  KNOB_HEADINGS,
  ladderKnobRows,
  ladderNotes,
  ladderRungRows,
  RUNG_HEADINGS,
} from './ladder-rows.ts';

export function ladderText(ladder: LadderOutcome, palette: Palette): string {
  const { name, description, sentence, metrics, rungs, isComplete } = ladder;
  const failed = failedRungs(ladder);
  return [
    `${palette.strong(`trunkline ladder ${name}`)} · ${description}`,
    isComplete ? palette.strong(sentence) : palette.warning(sentence),
    ...ladderNotes(ladder).map(palette.faint),
    '',
    ...rungs.map((rung, i) => `${i === 0 ? 'rungs' : '     '}  ${rung.name}: ${rung.settings.join(', ')}`),
    ...metrics.flatMap((metric) => [
      '',
      palette.strong(metric),
      ...columns([RUNG_HEADINGS, ...ladderRungRows(metric, rungs)]),
      '',
      ...columns([KNOB_HEADINGS, ...ladderKnobRows(metric, ladder)]),
    ]),
    ...(failed.length === 0 ? [] : ['', 'runs that failed', ...failed.map((one) => palette.bad(`  ${one}`))]),
  ].join('\n');
}
