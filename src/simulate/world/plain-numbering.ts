/** The numbers of accounts where settings name none: a block for phones, and behind it one for groups. */
import type { NumberBlock } from '../../wire/numbering-plan.ts';

const FIRST_NUMBER = 447_700_000_000;

export function plainNumbering(phones: number, groups: number): NumberBlock[] {
  return [
    { first: FIRST_NUMBER, count: phones },
    ...(groups > 0 ? [{ first: FIRST_NUMBER + phones, count: groups }] : []),
  ];
}
