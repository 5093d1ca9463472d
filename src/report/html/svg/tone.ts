/**
 * What a mark means, as a class of `style/drawings.css`. Every tone also has a shape or a word, for those who see no
 * colours.
 */
import type { DifferenceVerdict } from '../../../analysis/comparison/difference-verdict.ts';
import type { GateVerdict } from '../../../analysis/gate/gate-schema.ts';
import type { PageTone } from '../page.ts';
import type { MarkShape } from './svg.ts';

export type Tone = 'good' | 'bad' | 'even' | 'unsure' | 'void';

export const TONE_OF_VERDICT: Readonly<Record<DifferenceVerdict, Tone>> = {
  improved: 'good',
  regressed: 'bad',
  equivalent: 'even',
  inconclusive: 'unsure',
  invalid: 'void',
};

export const TONE_OF_GATE: Readonly<Record<GateVerdict, Tone>> = {
  passed: 'good',
  failed: 'bad',
  inconclusive: 'unsure',
  invalid: 'void',
};

export const SHAPE_OF_TONE: Readonly<Record<Tone, MarkShape>> = {
  good: 'circle',
  bad: 'square',
  even: 'diamond',
  unsure: 'ring',
  void: 'cross',
};

/** The tone of the verdict on top of a page. */
export const PAGE_TONE: Readonly<Record<Tone, PageTone>> = {
  good: 'good',
  bad: 'bad',
  even: 'neutral',
  unsure: 'warning',
  void: 'bad',
};

/** The class of text in a tone. */
export const TONE_TEXT_CLASS: Readonly<Record<Tone, string>> = {
  good: 'good-text',
  bad: 'bad-text',
  even: 'even-text',
  unsure: 'warning-text',
  void: 'bad-text',
};
