/** The back-off of phones that try again after the same time, for tests in which it does not matter. */
import type { BackoffSettings } from './schedules/login-backoff.ts';

export function retryAfter(micros: number): BackoffSettings {
  return { kind: 'none', baseMicros: micros, capMicros: micros };
}
