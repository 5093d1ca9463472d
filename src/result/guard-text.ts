/** A guard and what it found, in words. */
import type { Guard } from './result-schema.ts';

/** `swapping: 3 pages were swapped …`; the name is left out where the sentence begins with it. */
export function guardText({ name, sentence }: Pick<Guard, 'name' | 'sentence'>): string {
  return sentence.startsWith(`${name} `) ? sentence : `${name}: ${sentence}`;
}
