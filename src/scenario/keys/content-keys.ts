/** The key of content: what kinds of messages phones send, how long they are, and which refer to media elsewhere. */
import { z } from 'zod';
import type { KeyFault } from '../terms/key-fault.ts';
import { GROUP_PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MAX, PAYLOAD_BYTES_MIN, REFERENCE_BYTES } from '../terms/limits.ts';
import { repeatedNameFault } from '../terms/repeated-name-fault.ts';
import { bytes, durationMicros, share } from '../terms/scalars.ts';

/** Counters of a lane have a place for each. */
export const KINDS_MAX = 8;
/** Longest blob: sizes stay 32-bit integers, which V8 does not allocate on the heap. */
const BLOB_BYTES_MAX = 2 ** 30;

const distribution = z.strictObject({ median: bytes({ min: 1 }), sigma: z.number().min(0).max(3), max: bytes() });

const kind = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 .'-]{0,31}$/, 'a name of letters, digits and spaces, at most 32'),
  share: share(),
  payload: z.union([bytes(), distribution]),
  blob: distribution.optional(),
});

type Kind = z.output<typeof kind>;
export type KindSize = Kind['payload'];

/**
 * Shares: of 18 billion messages sent per day (Jan Koum, January 2014), 700 million were photos and 100 million videos
 * (WhatsApp's blog, 22 April 2014), 200 million voice notes (2013). Those of locations and contact cards are
 * assumptions, and so are all sizes: a payload with media is hash, size, link and a thumbnail, a blob has at most the
 * 16 MB that the app allowed.
 */
const PRESETS = {
  'whatsapp-2014': [
    preset('text', 0.938, [64, 0.7, 1000]),
    preset('location', 0.004, [500, 0.2, 1000]),
    preset('contact', 0.002, [300, 0.5, 1500]),
    preset('voice', 0.011, [160, 0, 160], [20e3, 0.9, 16e6]),
    preset('image', 0.039, [1200, 0.2, 1900], [90e3, 0.6, 16e6]),
    preset('video', 0.006, [1400, 0.2, 1900], [2e6, 0.8, 16e6]),
  ],
} as const satisfies Record<string, readonly Kind[]>;

/** Median in bytes, standard deviation of the logarithm, longest in bytes. */
type LogNormal = readonly [median: number, sigma: number, max: number];

function preset(name: string, of: number, payload: LogNormal, blob?: LogNormal): Kind {
  const size = ([median, sigma, max]: LogNormal) => ({ median, sigma, max });
  return { name, share: of, payload: size(payload), ...(blob === undefined ? {} : { blob: size(blob) }) };
}

const presetNames = z.enum(Object.keys(PRESETS) as (keyof typeof PRESETS)[]); // its own keys

export const contentKeys = z.strictObject({
  kinds: z
    .union([presetNames.transform((name): Kind[] => [...PRESETS[name]]), z.array(kind).max(KINDS_MAX)])
    .prefault([])
    .describe(
      'Kinds of messages: `whatsapp-2014` (text, location, contact, voice, image and video), or a list of at most eight `{name, share, payload, blob}` in place of traffic.payload: share of all messages, together 100 %; payload: a size, or `{median, sigma, max}` of a log-normal distribution (`sigma`: standard deviation of the logarithm; longer ones get `max`); blob: the same for media that the payload only refers to, whose bytes do not pass through the switch. The first 16 bytes of each payload measure the message and check it. The others stand for what the user wrote; with a blob they are its hash (32 B), its size (4 B), a link to it (44 B) and its thumbnail (the rest), so that such a payload has at least 96 B. Which kind a message is follows from the seed',
    ),
  readReceipts: z
    .strictObject({
      share: share()
        .prefault('0%')
        .describe(
          'Share of delivered messages from phone to phone that are read; the phone then sends READ to the author. Which ones follows from the seed',
        ),
      groupShare: share()
        .prefault('0%')
        .describe(
          'Share of deliveries of messages to groups and broadcast lists that are read, by each member for itself; the author gets a READ from each reader',
        ),
      after: durationMicros()
        .prefault('5s')
        .describe('Time from the delivery until the message is read; a phone that is away at that time sends no READ'),
    })
    .prefault({})
    .describe('Read receipts beside ✓ and ✓✓'),
});

export type ContentKeys = z.output<typeof contentKeys>;

/** The first fault of the content of a scenario; null if there is none. */
export function contentFault(settings: {
  readonly content: ContentKeys;
  readonly groups: { readonly count: number; readonly lists: { readonly count: number } };
}): KeyFault | null {
  const { content, groups } = settings;
  if (content.kinds.length === 0) return null;
  const repeated = repeatedNameFault(['content', 'kinds'], content.kinds);
  if (repeated !== null) return repeated;
  const sum = content.kinds.reduce((all, one) => all + one.share, 0);
  if (Math.abs(sum - 1) > 1e-6)
    return { path: ['content', 'kinds'], what: `expected shares that sum to 1, found ${sum.toFixed(4)}` };
  const hasGroups = groups.count + groups.lists.count > 0;
  const most: Bound = hasGroups
    ? { bytes: GROUP_PAYLOAD_BYTES_MAX, because: ' with groups, whose frames have longer headers' }
    : { bytes: PAYLOAD_BYTES_MAX };
  for (const [place, { payload, blob }] of content.kinds.entries()) {
    const path = ['content', 'kinds', place];
    const least = blob === undefined ? { bytes: PAYLOAD_BYTES_MIN } : LEAST_WITH_BLOB;
    const fault =
      sizeFault([...path, 'payload'], payload, least, most) ??
      (blob === undefined ? null : sizeFault([...path, 'blob'], blob, { bytes: 1 }, { bytes: BLOB_BYTES_MAX }));
    if (fault !== null) return fault;
  }
  return null;
}

/** A bound of a size, and why it is there. */
interface Bound {
  readonly bytes: number;
  readonly because?: string;
}

const LEAST_WITH_BLOB: Bound = {
  bytes: PAYLOAD_BYTES_MIN + REFERENCE_BYTES,
  because: ' with a blob, for its hash, size and link',
};

function sizeFault(path: (string | number)[], size: KindSize, least: Bound, most: Bound): KeyFault | null {
  const { median, max: longest } = typeof size === 'number' ? { median: size, max: size } : size;
  if (longest > most.bytes)
    return { path, what: `expected at most ${most.bytes} B${most.because ?? ''}, found ${longest} B` };
  if (median < least.bytes)
    return { path, what: `expected at least ${least.bytes} B${least.because ?? ''}, found ${median} B` };
  if (median > longest) return { path, what: `expected a median of at most max, ${longest} B, found ${median} B` };
  return null;
}
