/** The keys of the HTTP side of the switch: what it allows, and the load on it. */
import { z } from 'zod';
import { HTTP_TEXT_BYTES_MAX } from '../../terms/limits.ts';
import { bytes, count, durationMicros, rate } from '../../terms/scalars.ts';

const httpLimits = z.strictObject({
  body: bytes({ min: 64, max: 2 ** 20 })
    .prefault('16KiB')
    .describe(
      'Longest body of a request; a text of a message has at most 2,021 bytes, in JSON up to six times as many',
    ),
  headers: bytes({ min: 1024, max: 65_536 })
    .prefault('8KiB')
    .describe('Longest header of a request, with its first line'),
  rate: rate({ min: 1 })
    .prefault('20k/s')
    .describe('Requests per second that are answered (a token bucket). The default is more than one thread can answer'),
  burst: count({ min: 1, max: 1e6 })
    .prefault(2000)
    .describe('Size of the token bucket: requests that may come at once after a pause'),
  openRequests: count({ min: 1, max: 8192 })
    .prefault(1024)
    .describe('Maximum of requests without an answer; by default as many as 64 business accounts may send'),
  connections: count({ min: 1, max: 16_384 }).prefault(2048).describe('Maximum of HTTP connections'),
  requestTimeout: durationMicros({ min: 10_000, max: 600e6 })
    .prefault('10s')
    .describe('Time within which a request must be complete; its header must be complete in half of it'),
  answerTimeout: durationMicros({ min: 10_000, max: 30e6 })
    .prefault('5s')
    .describe('Time within which the switch must answer; otherwise status 504. Shards give up after 32 s'),
});

const httpLoad = z.strictObject({
  rate: rate()
    .prefault('0/s')
    .describe('Messages per second that autocannon sends, at constant intervals, to random phones; 0: no such load'),
  connections: count({ min: 1, max: 4096 })
    .prefault(64)
    .describe('Connections of autocannon, each with one request at a time; a request that finds none free is late'),
  text: bytes({ min: 1, max: HTTP_TEXT_BYTES_MAX }).prefault('48B').describe('Size of the text of each message'),
});

export const httpKeys = z.strictObject({
  host: z.string().min(1).prefault('127.0.0.1').describe('Address that the HTTP side listens on'),
  port: z
    .union([z.literal('none'), count({ max: 65_535 })])
    .prefault('none')
    .describe('Port that the HTTP side of the switch listens on; 0: any free port; none: no HTTP side'),
  accounts: count({ min: 1, max: 2048 })
    .prefault(64)
    .describe(
      'Business accounts, which send messages for HTTP clients: their numbers follow those of the phones. Each may have 16 messages unanswered, so 64 allow 1,024: at 50 ms per answer 20,000 per second',
    ),
  authentication: z
    .enum(['none', 'hmac'])
    .prefault('hmac')
    .describe('Whether a request needs a bearer token, which is made with login.secret'),
  limits: httpLimits.prefault({}),
  load: httpLoad.prefault({}),
});
