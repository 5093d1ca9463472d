/** A capacity as Markdown: its text in a block, since its columns need characters of one width. */
import type { CapacityOutcome } from '../../analysis/capacity/capacity-schema.ts';
import { markdownBlock } from '../text/markdown.ts';
import { PLAIN } from '../text/palette.ts';
import { printableOutcome } from '../text/printable.ts';
import { capacityText } from './capacity-text.ts';

export function capacityMarkdown(outcome: CapacityOutcome): string {
  return `${markdownBlock(capacityText(printableOutcome(outcome), PLAIN))}\n`;
}
