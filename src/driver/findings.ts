/**
 * The first few messages that were lost, duplicated, reordered or corrupted, with sender and recipient. Counters tell how
 * many there were; these tell where to look. The list is bounded, because one fault can affect millions of messages.
 */

export type FindingKind = 'gap' | 'duplicated' | 'reordered' | 'corrupted' | 'stranger';

export interface Finding {
  readonly kind: FindingKind;
  /** A phone, or -1 if the account is not in the numbering plan. */
  readonly sender: number;
  readonly recipient: number;
  /** The message's number among those of its sender in this run, as its payload says; arbitrary 32 bits if that was corrupted. */
  readonly number: number;
}

const FINDINGS_MAX = 8;

export class Findings {
  readonly list: Finding[] = [];

  add(kind: FindingKind, sender: number, recipient: number, number: number): void {
    if (this.list.length < FINDINGS_MAX) this.list.push({ kind, sender, recipient, number: number >>> 0 });
  }
}
