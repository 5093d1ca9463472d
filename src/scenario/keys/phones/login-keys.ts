/** The keys of logins: how fast phones connect, how they log in, and when they try again. */
import { z } from 'zod';
import { pacing } from '../../terms/pacing.ts';
import { count, durationMicros, rate } from '../../terms/scalars.ts';
import { backoffKeys } from './backoff-keys.ts';

export const loginKeys = z.strictObject({
  rate: rate({ min: 1 }).describe('Rate at which phones connect for the first time, per second'),
  arrivals: pacing.prefault('poisson').describe('Constant intervals, or those of a Poisson process'),
  authentication: z.enum(['none', 'hmac']).prefault('none').describe('Whether the switch checks a token (HMAC-SHA256)'),
  secret: z.string().min(1).prefault('trunkline').describe('Secret that login tokens are made with'),
  timeout: durationMicros({ min: 1000 }).prefault('20s').describe('How long a phone waits for the answer to its login'),
  ...backoffKeys,
  attempts: count({ min: 1, max: 1000 })
    .prefault(5)
    .describe(
      'Failed login attempts in a row after which a phone gives up; being told that the switch is busy is none',
    ),
});
