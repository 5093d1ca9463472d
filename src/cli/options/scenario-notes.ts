/**
 * What a command says of its scenarios before it runs them, on stderr: which keys have no effect, and which transport
 * was taken for `best-real`. Scenarios are read in more than one place, before anybody knows whether they will run, so
 * what there is to say waits here until then.
 */
import { printable } from '../../report/text/printable.ts';
import { type UnusedKey, unusedKeyLines } from '../../scenario/unused-keys.ts';
import { sayRealTransport } from './real-transport.ts';
import { sayOnStderr } from './stream-options.ts';

const waiting = new Set<string>();

/** Keys of a scenario that have no effect. The same line about two sides or runs is said once. */
export function noteUnusedKeys(keys: readonly UnusedKey[]): void {
  for (const line of unusedKeyLines(keys)) waiting.add(line);
}

/** Says which keys have no effect. */
export function sayUnusedKeys(isQuiet: boolean): void {
  if (!isQuiet) for (const line of waiting) sayOnStderr(`note: ${printable(line)}`);
  waiting.clear();
}

/** Says all that there is to say of scenarios that will run. */
export function sayScenarioNotes(isQuiet: boolean): void {
  sayRealTransport(isQuiet);
  sayUnusedKeys(isQuiet);
}
