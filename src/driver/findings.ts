/**
 * The first few messages that were lost, doubled, swapped or changed, by name. Counts say how
 * many there were; these say where to look. Bounded, because one fault can break millions.
 */

export type FindingKind = 'gap' | 'duplicated' | 'reordered' | 'corrupted' | 'stranger';

export interface Finding {
  readonly kind: FindingKind;
  readonly sender: number;
  readonly recipient: number;
  /** The sender's id of the message. */
  readonly id: number;
}

const FINDINGS_MAX = 8;

export class Findings {
  readonly list: Finding[] = [];

  add(kind: FindingKind, sender: number, recipient: number, id: number): void {
    if (this.list.length < FINDINGS_MAX) this.list.push({ kind, sender, recipient, id });
  }
}
