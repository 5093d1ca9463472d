/**
 * The first few messages that were lost, doubled, swapped or changed, by name. Counts say how
 * many there were; these say where to look. Bounded, because one fault can break millions.
 */

export type FindingKind = 'gap' | 'duplicated' | 'reordered' | 'corrupted' | 'stranger';

export interface Finding {
  readonly kind: FindingKind;
  /** A phone, or -1 where the account is none of the plan's. */
  readonly sender: number;
  readonly recipient: number;
  /** The message's number among those of its sender in this run, as its payload says: 32 bits of anything if it was changed. */
  readonly number: number;
}

const FINDINGS_MAX = 8;

export class Findings {
  readonly list: Finding[] = [];

  add(kind: FindingKind, sender: number, recipient: number, number: number): void {
    if (this.list.length < FINDINGS_MAX) this.list.push({ kind, sender, recipient, number: number >>> 0 });
  }
}
