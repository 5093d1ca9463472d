/** Phones that did not behave, on the page of a run. */
import type { Result } from '../../../../result/result-schema.ts';
import { misfitLines } from '../../../run/lines/misfit-lines.ts';
import type { PageSection } from '../../page.ts';
import { sentenceList } from '../../sentence-list.ts';

/** One section, or none if all phones behaved. */
export function misfitSection(result: Result): PageSection[] {
  const lines = misfitLines(result);
  if (lines.length === 0) return [];
  const html = sentenceList(lines);
  return [{ id: 'misfits', title: 'Misbehaving phones', html }];
}
