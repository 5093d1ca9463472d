/** The key of platforms: kinds of phones with heartbeats and sessions of their own. */
import { z } from 'zod';
import { hasReads } from '../../terms/has-reads.ts';
import type { KeyFault } from '../../terms/key-fault.ts';
import { repeatedNameFault } from '../../terms/repeated-name-fault.ts';
import { durationMicros, durationOrNone, share } from '../../terms/scalars.ts';

/** Counters of a lane have a place for each. */
export const PLATFORMS_MAX = 8;

const push = z.strictObject({
  delay: durationMicros({ min: 1000, max: 3600e6 }),
  sigma: z.number().min(0).max(3).prefault(0.5),
  session: durationMicros({ min: 1000 }).prefault('20s'),
});

const platform = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 .'-]{0,31}$/, 'a name of letters, digits and spaces, at most 32'),
  share: share(),
  heartbeat: durationOrNone({ min: 1000 }),
  session: durationOrNone({ min: 1000 }),
  sigma: z.number().min(0).max(3).prefault(0),
  away: durationMicros({ min: 1000 }).prefault('10s'),
  push: push.optional(),
  minor: z.union([z.literal(0), z.literal(1)]).prefault(1),
  content: z.record(z.string(), z.number().min(0).max(100)).prefault({}),
});

type Platform = z.output<typeof platform>;

const SECOND = 1e6;
const MINUTE = 60 * SECOND;

/**
 * Seven platforms of 2014, all of it assumption: the clients of that year are known, their shares of users and their
 * timers are not. Phones that keep their connection in the background (Android, Symbian, BlackBerry) have long
 * sessions, those that are woken by a push (iPhone, Windows Phone) short ones. The lengths are set so that the
 * published login rate follows: 147 million phones that are connected, divided by 230,000 logins per second, is 639 s.
 * Pushes, old versions of the protocol and habits depend on the rest of a scenario: `whatsapp-2014-server` has the same
 * platforms with them.
 */
const PRESETS = {
  'whatsapp-2014': [
    preset('Android', 0.6, 4, 10, 1, 15),
    preset('iPhone', 0.2, 3, 2.6, 1, 60),
    preset('BlackBerry', 0.06, 10, 17, 1, 15),
    preset('Nokia S40', 0.06, 5, 7, 1, 60),
    preset('Symbian', 0.04, 5, 12, 1, 30),
    preset('Windows Phone', 0.03, 4, 2.6, 1, 60),
    preset('Desktop', 0.01, 1, 60, 1, 120),
  ],
} as const satisfies Record<string, readonly Platform[]>;

function preset(
  name: string,
  of: number,
  heartbeatMinutes: number,
  sessionMinutes: number,
  sigma: number,
  awaySeconds: number,
): Platform {
  const heartbeat = heartbeatMinutes * MINUTE;
  const session = sessionMinutes * MINUTE;
  return { name, share: of, heartbeat, session, sigma, away: awaySeconds * SECOND, minor: 1, content: {} };
}

const presetNames = z.enum(Object.keys(PRESETS) as (keyof typeof PRESETS)[]); // its own keys

export const platformsKey = z
  .union([presetNames.transform((name): Platform[] => [...PRESETS[name]]), z.array(platform).max(PLATFORMS_MAX)])
  .prefault([])
  .describe(
    'Kinds of phones: `whatsapp-2014` (seven), or a list of at most eight `{name, share, heartbeat, session, sigma, away, push, minor, content}` in place of phones.session and phones.away: share of all phones, together 100 %; interval between heartbeats, at most phones.heartbeat; session: mean of an exponential distribution, or with `sigma` above 0 the median of a log-normal one, or none; time away after it. push `{delay, sigma, session}`: a message that is accepted for a phone which is away wakes it after a log-normal delay with this median; the phone stays for the session. A message to a group or list wakes the members that it started with. minor: minor version of the protocol that its phones speak; with 0 they know no groups, presence and typing, so they get messages to their groups and send none. content: factors of the shares of content.kinds, by name: `{video: 0, image: 0.5}`. Which phone is of which kind follows from the seed',
  );

/** Whether a message may wake a phone. */
export function hasPushes(platforms: readonly Platform[]): boolean {
  return platforms.some(({ push: wakes }) => wakes !== undefined);
}

/** The longest time for which a phone leaves as intended, in microseconds; 0 if none leaves. */
export function longestAbsence({
  platforms,
  phones,
}: {
  readonly platforms: readonly Platform[];
  readonly phones: { readonly session: number; readonly away: number };
}): number {
  const leave = [phones, ...platforms].filter(({ session }) => Number.isFinite(session));
  return Math.max(0, ...leave.map(({ away }) => away));
}

/** The first fault of the platforms of a scenario; null if there is none. */
export function platformsFault(settings: {
  readonly platforms: readonly Platform[];
  readonly phones: { readonly heartbeat: number; readonly session: number; readonly departure: string };
  readonly content: {
    readonly kinds: readonly { readonly name: string; readonly share: number }[];
    readonly readReceipts: { readonly share: number; readonly groupShare: number };
  };
}): KeyFault | null {
  const { platforms, phones } = settings;
  if (platforms.length === 0) return null;
  const repeated = repeatedNameFault(['platforms'], platforms);
  if (repeated !== null) return repeated;
  const sum = platforms.reduce((all, one) => all + one.share, 0);
  if (Math.abs(sum - 1) > 1e-6)
    return { path: ['platforms'], what: `expected shares that sum to 1, found ${sum.toFixed(4)}` };
  for (const [place, { heartbeat, session, push: wakes }] of platforms.entries()) {
    if (wakes !== undefined && !Number.isFinite(session))
      return {
        path: ['platforms', place, 'push'],
        what: 'expected a session that ends: a phone that stays needs no push',
      };
    if (heartbeat > phones.heartbeat)
      return {
        path: ['platforms', place, 'heartbeat'],
        what: 'expected at most phones.heartbeat, which the time-out of the switch follows from',
      };
  }
  const old = platforms.findIndex(({ minor }) => minor === 0);
  if (old >= 0 && hasReads(settings.content.readReceipts))
    return {
      path: ['platforms', old, 'minor'],
      what: 'expected 1 with content.readReceipts, which minor version 0 does not know',
    };
  const fault = habitsFault(platforms, settings.content.kinds);
  if (fault !== null) return fault;
  if (Number.isFinite(phones.session))
    return { path: ['phones', 'session'], what: 'expected none: platforms have sessions of their own' };
  if (phones.departure === 'vanish')
    return { path: ['phones', 'departure'], what: 'expected logout or drop with platforms' };
  return null;
}

/** Factors are of kinds that exist, and leave each platform something to send. */
function habitsFault(
  platforms: readonly Platform[],
  kinds: readonly { readonly name: string; readonly share: number }[],
): KeyFault | null {
  for (const [place, { content }] of platforms.entries()) {
    const path = ['platforms', place, 'content'];
    const unknown = Object.keys(content).find((name) => kinds.every((kind) => kind.name !== name));
    if (unknown !== undefined)
      return {
        path: [...path, unknown],
        what: `expected a kind of content.kinds: ${kinds.map(({ name }) => name).join(', ') || 'there is none'}`,
      };
    if (kinds.length > 0 && kinds.every(({ name, share: of }) => of * (content[name] ?? 1) === 0))
      return { path, what: 'expected a factor above 0 for some kind' };
  }
  return null;
}
