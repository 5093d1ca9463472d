/** The keys of traffic: how many messages phones send, how long they are, and who takes part. */
import { z } from 'zod';
import { PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MIN } from '../terms/limits.ts';
import { pacing } from '../terms/pacing.ts';
import { bytes, count, durationMicros, rate } from '../terms/scalars.ts';

const stage = z.strictObject({
  duration: durationMicros().describe('Length of the stage'),
  target: rate().describe('Messages per second at the end of the stage; the rate changes linearly'),
});

export const trafficKeys = z.strictObject({
  rate: rate().describe('Messages per second that all phones together intend to send'),
  arrivals: pacing.prefault('poisson').describe('Constant intervals, or those of a Poisson process'),
  stages: z.array(stage).prefault([]).describe('Stages of the rate from the start of traffic, as in k6'),
  payload: bytes({ min: PAYLOAD_BYTES_MIN, max: PAYLOAD_BYTES_MAX }).describe(
    'Size of the payload of each message, without its frame; content.kinds gives messages sizes of their own',
  ),
  activePhones: z
    .union([z.literal('all'), count({ min: 8 })])
    .prefault('all')
    .describe('Number of phones that send and receive messages; the others only stay connected'),
  deliverWithin: durationMicros({ min: 1000, max: 60e6 })
    .prefault('1s')
    .describe('Time from the due time of a message within which its delivery counts as goodput'),
});
