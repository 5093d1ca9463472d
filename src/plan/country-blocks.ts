/** The numbers of phones in several countries, as blocks of the numbering plan that take turns. */

import type { ScenarioSettings } from '../scenario/scenario-schema.ts';
import { numbersOf, sortedCountries, turnsOf } from '../scenario/terms/country-numbers.ts';
import { blockCounts } from '../wire/block-order.ts';
import type { NumberBlock } from '../wire/numbering-plan.ts';

/** The blocks for a number of phones, in the order of their numbers. */
export function countryBlocks(countries: ScenarioSettings['countries'], phones: number): NumberBlock[] {
  const sorted = sortedCountries(countries);
  const turns = sorted.map(turnsOf);
  const counts = blockCounts(turns, phones);
  return sorted.map((one, place) => {
    return { first: numbersOf(one).first, count: counts[place] as number, turns: turns[place] as number }; // one per country
  });
}
