/** The store of the mailboxes on the page of a run. */
import type { Result } from '../../../result/result-schema.ts';
import { durabilityLines } from '../../run/durability-lines.ts';
import type { PageSection } from '../page.ts';
import { noteList } from '../sentence-list.ts';

/** One section, or none if mailboxes were kept in memory only. */
export function durabilitySection(result: Result): PageSection[] {
  if (result.durability === null) return [];
  return [{ id: 'durability', title: 'Durability', html: noteList(durabilityLines(result)) }];
}
