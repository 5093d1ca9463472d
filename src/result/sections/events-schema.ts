/** What a result says of each event that the scenario declares: how much the load rose, and what became of it. */
import { z } from 'zod';
import { figure, figureOrNull } from './schema-terms.ts';

const event = z.strictObject({
  name: z.string(),
  atSeconds: figure.describe('On the clock of the series'),
  changeShare: figure.describe(
    'Intended change of the rate of messages at its height: 0.35 is 35 % more. Of an event of some countries: by the share of their phones, at the same level of the curve in all',
  ),
  messagesBeforePerSecond: figureOrNull.describe(
    'Acknowledged in the half minute before it, as far as that was measured and no other event; null if there was no such time',
  ),
  messagesPerSecond: figureOrNull.describe(
    'The same at its height, after its rise and before its fall; null if no whole interval lies there',
  ),
  deliveriesBeforePerSecond: figureOrNull.describe('Delivered before it'),
  deliveriesPerSecond: figureOrNull.describe('Delivered at its height'),
});

export const eventsSchema = z
  .array(event)
  .prefault([])
  .describe('Events of the scenario, in order of time, by the intervals of the series; empty in older results');

export type EventResult = z.output<typeof event>;
