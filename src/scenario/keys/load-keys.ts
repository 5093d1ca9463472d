/** Keys that change the load over time: the curve of a day, and events. */
import { z } from 'zod';
import { durationMicros, share } from '../terms/scalars.ts';

const HOURS = 24;
const DAY_MICROS = HOURS * 3600e6;

/** A level of the load relative to `traffic.rate`, or a change of it; unlike a share it may be above 1. */
function level(what: string, minimum: number) {
  return z.union([z.string(), z.number()], { error: what }).transform((text, context) => {
    const match = /^([+-]?\d+(?:\.\d+)?)\s*(%?)$/.exec(String(text).trim());
    const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
    if (value >= minimum && value <= 100) return value;
    context.addIssue({ code: 'custom', message: `${what}, from ${minimum} to 100` });
    return z.NEVER;
  });
}

export const curveKeys = z.strictObject({
  hours: z
    .array(share(), { error: 'a level for each of the 24 hours of a day' })
    .refine((hours) => hours.length === 0 || hours.length === HOURS, {
      error: ({ input }) =>
        `a level for each of the 24 hours of a day, found ${Array.isArray(input) ? input.length : 'none'} levels: a curve has no holes`,
    })
    .refine((hours) => hours.length === 0 || Math.max(...hours) > 0, {
      error: 'at least one hour with messages',
    })
    .prefault([])
    .describe(
      'Level of messages at the start of each hour of the day, from 0:00, as a share of traffic.rate; linear in between. Phones disconnect and return more slowly in the same proportion, so that logins follow the curve as well. Phones of countries follow the clocks of their own. None: the same all day',
    ),
  day: durationMicros({ min: 1e6 })
    .prefault('24h')
    .describe('Duration of a day in the run: a short one makes the hours of a day follow each other fast'),
  start: durationMicros({ max: DAY_MICROS })
    .prefault('0s')
    .describe(
      'Time of day (UTC) at the start of the measurement, for example 19h30m; the load has its level while it settles',
    ),
});

export const eventKeys = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 .'-]{0,47}$/, 'a name of letters, digits, spaces and hyphens, at most 48')
    .describe('Name of the event; a mark in the series and in charts'),
  at: durationMicros().describe('When it begins, from the start of the measurement'),
  rise: durationMicros()
    .prefault('1s')
    .describe(
      'Time in which the rate rises, and again falls: at most half of the duration, to which the default is shortened',
    ),
  duration: durationMicros({ min: 1000 }).describe('Duration with rise and fall'),
  messages: level('a change of the rate of messages such as +35%', -1).describe(
    'Change of the rate of messages at its height: +35% for a goal, +200% for midnight of New Year',
  ),
  countries: z
    .array(z.string().min(1))
    .max(64)
    .prefault([])
    .describe(
      'Names of the countries whose phones send more or fewer; the others send as before. None: phones of all countries',
    ),
});

/** A checked curve: levels from 0 to 1, times in microseconds. */
export type Curve = z.output<typeof curveKeys>;
/** A checked event: `messages` is a change such as 0.35, times are in microseconds. */
export type LoadEvent = z.output<typeof eventKeys>;
