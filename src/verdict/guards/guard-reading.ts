/**
 * The form of a guard: what was found, its limit and, if it trips, what to change. All guards of a run are made here,
 * so that none can omit one of the three.
 */
import type { GuardName } from '../../result/guard-names.ts';
import type { Guard } from '../../result/result-schema.ts';

export interface GuardReading {
  readonly name: GuardName;
  readonly figure: number;
  readonly limit: number;
  /** What was found, in words, with the figure. */
  readonly found: string;
  /** The limit in words, such as `at most 80.0 %`. */
  readonly allowed: string;
  /** What to change if the guard trips. */
  readonly remedy: string;
}

/** A guard that trips above its limit. */
export function atMost(reading: GuardReading): Guard {
  return judged(reading, reading.figure <= reading.limit ? 'ok' : 'invalid');
}

/** A guard that trips below its limit. */
export function atLeast(reading: GuardReading): Guard {
  return judged(reading, reading.figure >= reading.limit ? 'ok' : 'invalid');
}

export function judged(
  { name, figure, limit, found, allowed, remedy }: GuardReading,
  verdict: Guard['verdict'],
): Guard {
  const ending = verdict === 'ok' ? '' : `; ${remedy}`;
  return { name, verdict, figure, limit, sentence: `${found}, ${allowed}${ending}` };
}

/** A guard that cannot be judged. @param reason why, and what to change if something can be. */
export function unknown(name: GuardName, reason: string): Guard {
  return { name, verdict: 'unknown', figure: null, limit: null, sentence: reason };
}
