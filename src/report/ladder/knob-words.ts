/** The last column of the tables of a ladder: whether a change depends on the others. */
import type { KnobEffect } from '../../analysis/ladder/ladder-schema.ts';

export function knobWords({ verdict, difference }: Pick<KnobEffect, 'verdict' | 'difference'>): string {
  switch (verdict) {
    case null:
      return 'the last rung: a single comparison';
    case 'interaction':
      return 'interaction: no figure of its own';
    case 'additive':
      return 'independent of the others';
    case 'undecided':
      // Without a difference there is no precision to speak of.
      return difference === null ? 'too few rounds to judge' : 'dependence on others not detected';
  }
}
