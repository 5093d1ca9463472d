/** The key of countries: where phones are, as telephone numbers and time zones. */
import { z } from 'zod';
import { numbersOf, SHARE_STEP, sortedCountries, turnsOf } from '../../terms/country-numbers.ts';
import type { KeyFault } from '../../terms/key-fault.ts';
import { share } from '../../terms/scalars.ts';

/** E.164: with the country code a number has at most 15 digits. */
const DIGITS_MAX = 15;

const country = z.strictObject({
  name: z.string().regex(/^[A-Za-z][A-Za-z .'-]{0,31}$/, 'a name of letters and spaces, at most 32'),
  prefix: z.string().regex(/^[1-9]\d{0,6}$/, 'the first digits of its numbers, in quotes, such as "4915"'),
  length: z.number().int().min(5).max(DIGITS_MAX),
  share: share(),
  utcOffset: z.number().min(-12).max(14).multipleOf(0.25),
});

type Country = z.output<typeof country>;

/**
 * Large markets of WhatsApp in 2014. Its blog of 2014-04-22 (500 million users) names Brazil, India, Mexico and Russia
 * as growing fastest; that Germany, Spain, Italy and the United Kingdom stand for the rest, and all shares, are
 * assumptions. Prefixes are those of mobile numbers of these countries, lengths as in their national numbering plans.
 */
const PRESETS = {
  'whatsapp-2014': [
    { name: 'India', prefix: '919', length: 12, share: 0.2, utcOffset: 5.5 },
    { name: 'Brazil', prefix: '55119', length: 13, share: 0.2, utcOffset: -3 },
    { name: 'Mexico', prefix: '521', length: 13, share: 0.15, utcOffset: -6 },
    { name: 'Germany', prefix: '491', length: 13, share: 0.12, utcOffset: 1 },
    { name: 'Spain', prefix: '346', length: 11, share: 0.1, utcOffset: 1 },
    { name: 'Russia', prefix: '79', length: 11, share: 0.09, utcOffset: 3 },
    { name: 'Italy', prefix: '393', length: 12, share: 0.08, utcOffset: 1 },
    { name: 'United Kingdom', prefix: '447', length: 12, share: 0.06, utcOffset: 0 },
  ],
} as const satisfies Record<string, readonly Country[]>;

const presetNames = z.enum(Object.keys(PRESETS) as (keyof typeof PRESETS)[]); // its own keys

export const countriesKey = z
  .union([presetNames.transform((name): Country[] => [...PRESETS[name]]), z.array(country).max(64)])
  .prefault([])
  .describe(
    'Countries of the phones, instead of numbering: `whatsapp-2014`, or a list of `{name, prefix, length, share, utcOffset}`: first digits of its numbers, in quotes; their length (E.164: at most 15); share of the phones in steps of 0.1 %, together 100 %; hours by which its clocks are ahead of UTC: by them its phones follow curve.hours. Every range of phones has phones of all countries',
  );

/** The first fault of the countries of a scenario; null if there is none. */
export function countriesFault(settings: {
  readonly countries: readonly Country[];
  readonly numbering: readonly unknown[];
  readonly phones: { readonly count: number };
}): KeyFault | null {
  const { countries, numbering, phones } = settings;
  if (countries.length === 0) return null;
  if (numbering.length > 0) return { path: ['countries'], what: 'expected either countries or numbering, not both' };
  for (const [place, one] of countries.entries()) {
    const fault = (key: string, what: string) => ({ path: ['countries', place, key], what });
    if (one.length <= one.prefix.length)
      return fault('length', `expected more digits than its prefix has, ${one.prefix.length}`);
    if (turnsOf(one) < 1 || Math.abs(one.share / SHARE_STEP - turnsOf(one)) > 1e-6)
      return fault('share', `expected a multiple of 0.1 %, found ${one.share}`);
    const needed = Math.ceil(phones.count / 1000) * turnsOf(one);
    const { room } = numbersOf(one);
    if (room < needed) return fault('length', `expected room for ${needed} numbers; ${one.prefix} has ${room}`);
  }
  const sum = countries.reduce((all, one) => all + turnsOf(one), 0);
  if (sum !== 1 / SHARE_STEP)
    return { path: ['countries'], what: `expected shares that sum to 1, found ${(sum * SHARE_STEP).toFixed(3)}` };
  const sorted = sortedCountries(countries);
  for (const [place, one] of sorted.entries()) {
    const before = sorted[place - 1];
    if (before === undefined || numbersOf(before).first + numbersOf(before).room <= numbersOf(one).first) continue;
    return { path: ['countries'], what: `the numbers of ${before.name} and ${one.name} overlap` };
  }
  return null;
}
