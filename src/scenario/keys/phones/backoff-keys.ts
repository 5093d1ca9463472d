/** The keys of `login` that say how long a phone waits before it tries again. */
import { z } from 'zod';
import { durationMicros } from '../../terms/scalars.ts';

/** Longest delay: the queue of waiting phones keeps delays as 32-bit integers of microseconds. */
const RETRY_MICROS_MAX = 15 * 60e6;

export const backoffKeys = {
  backoff: z
    .enum(['none', 'full-jitter', 'decorrelated'])
    .prefault('none')
    .describe(
      'How long a phone waits before it tries again. none: login.retry each time. full-jitter: a random time up to login.retry, doubled by each try. decorrelated: a random time between login.retry and three times the wait before. Neither waits longer than login.retryMax, and both stay random there (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). A switch that is busy may say how long to wait instead (switch.admission)',
    ),
  retry: durationMicros({ min: 1000, max: RETRY_MICROS_MAX })
    .prefault('1s')
    .describe('How long a phone waits before it tries again; the base of the other kinds of login.backoff'),
  retryMax: durationMicros({ min: 1000, max: RETRY_MICROS_MAX })
    .prefault('30s')
    .describe('Longest wait with a login.backoff other than none; then at least login.retry'),
};
