/** The key of contact lists: the same number for all phones, or numbers from a distribution. */
import { z } from 'zod';
import { CONTACTS_LISTED_MAX, CONTACTS_MAX } from '../../terms/limits.ts';
import { count } from '../../terms/scalars.ts';

const contactLists = z.strictObject({
  distribution: z.literal('lognormal'),
  median: count({ min: 1, max: CONTACTS_LISTED_MAX }),
  sigma: z.number().min(0.01).max(4),
  max: count({ min: 1, max: CONTACTS_LISTED_MAX }),
  choice: z.enum(['zipf', 'uniform']).prefault('zipf'),
});

export const contactsKey = z
  .union([count({ min: 1, max: CONTACTS_MAX }), contactLists])
  .prefault(4)
  .describe(
    'Number of phones that each phone sends messages to, in turn; or `{distribution: lognormal, median, sigma, max, choice}`: contact lists of log-normal length (`sigma`: standard deviation of the logarithm) up to `max`, every contact mutual. `choice`: zipf (default), contact n is written to about in proportion to 1/n; or uniform',
  );

type ContactsKey = z.output<typeof contactsKey>;

/** How many phones take part in messages, of those that may: contact lists pair phones, so their number is even. */
export function phonesWithContacts(contacts: ContactsKey, phones: number): number {
  return typeof contacts === 'number' ? phones : phones - (phones % 2);
}

/** The most contacts that a phone may have. */
export function mostContacts(contacts: ContactsKey): number {
  return typeof contacts === 'number' ? contacts : contacts.max;
}
