/**
 * The bodies of requests and answers. The server checks requests against these, and the OpenAPI description shows them.
 */
import { z } from 'zod';
import { TEXT_BYTES_MAX } from '../../wire/business-payload.ts';
import { PROBLEM_CODES } from './problems.ts';

/** More characters than any text that fits, in Base64 with its padding. */
const BASE64_CHARACTERS_MAX = 4 * Math.ceil(TEXT_BYTES_MAX / 3);

const number = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'a number in E.164 digits, without +, at most 15')
  .describe('Telephone number: E.164 digits without +');

export const sendRequestSchema = z
  .strictObject({
    to: number.describe('Number of the recipient'),
    from: number.optional().describe('Number of the business; without it the switch takes each in turn'),
    body: z.string().min(1).optional().describe(`Text, at most ${TEXT_BYTES_MAX} bytes in UTF-8`),
    payload: z
      .base64()
      .min(1)
      .optional()
      .describe(
        `In place of a text: at most ${TEXT_BYTES_MAX} bytes, in Base64 of at most ${BASE64_CHARACTERS_MAX} characters`,
      ),
    dueMicros: z
      .number()
      .int()
      .min(0)
      .max(2 ** 47)
      .optional()
      .describe(
        'For load generators: when the message was due, in microseconds on the clock of the run, from which the recipient measures; without it, when the request arrived',
      ),
  })
  .refine(({ body, payload }) => (body === undefined) !== (payload === undefined), {
    error: 'expected either body or payload',
  });

export const sendAnswerSchema = z.strictObject({
  id: z.number().int().min(1).describe('Id of the message among those of the business'),
  from: number.describe('Number of the business that sent it'),
  to: number,
});

export const sessionAnswerSchema = z.strictObject({
  number,
  isOnline: z.boolean(),
  shard: z.number().int().min(0).nullable().describe('The shard that has the session; null if the phone is away'),
  since: z.iso.datetime().nullable().describe('When the session began; null if the phone is away'),
  resolutionMillis: z.number().min(0).describe('Resolution of `since`: the session began up to this much later'),
  lastSeen: z.iso
    .datetime()
    .nullable()
    .describe(
      'When the phone was available last, to the second: now while it is. It is not while it is away, or says that it is not in use. Null if that is not known, or nine hours ago',
    ),
  waiting: z.number().int().min(0).describe('Messages and receipts in the mailbox that are still to be delivered'),
});

export const healthAnswerSchema = z.strictObject({ status: z.literal('ok') });

export const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.enum(PROBLEM_CODES as [(typeof PROBLEM_CODES)[number], ...(typeof PROBLEM_CODES)[number][]]), // there are some
  detail: z.string(),
});

export type SendRequest = z.output<typeof sendRequestSchema>;
export type SendAnswer = z.output<typeof sendAnswerSchema>;
export type SessionAnswer = z.output<typeof sessionAnswerSchema>;
