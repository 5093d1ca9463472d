/** The section of a result about platforms: what the phones of each did. */
import { z } from 'zod';
import { latencySchema } from './latency-schema.ts';
import { countOf, figure } from './schema-terms.ts';

export const platformsSchema = z
  .array(
    z.strictObject({
      name: z.string(),
      share: figure.describe('Share of all phones, as the scenario says'),
      protocol: z.string().describe('Version of the protocol that its phones speak'),
      connections: countOf.describe('Phones that were online at the end of the run'),
      sessions: countOf.describe('Logins that were accepted in the whole run'),
      pushes: countOf.describe('Messages that sent a push to a phone that was away; 0 without pushes'),
      woken: countOf.describe('Logins of phones that a push woke, part of the sessions'),
      messagesSent: countOf,
      messagesDelivered: countOf,
      delivery: latencySchema.describe(
        'From the intended time of a message until its delivery to a phone of the platform that was online, while measuring',
      ),
      storedDelivery: latencySchema.describe('The same of messages that waited until their recipient logged in'),
    }),
  )
  .prefault([])
  .describe('What the phones of each platform did; empty without `platforms`, and in older results');

export type PlatformFigures = z.output<typeof platformsSchema>[number];
