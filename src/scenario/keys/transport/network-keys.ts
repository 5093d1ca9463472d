/** The keys of mobile networks: links between phones and the switch, cells, and outages. */
import { z } from 'zod';
import { hasNetwork } from '../../terms/has-network.ts';
import type { KeyFault } from '../../terms/key-fault.ts';
import { count, durationMicros, rate, share } from '../../terms/scalars.ts';
import { TRANSPORTS, type TransportName, transportsThat } from '../../terms/transports.ts';

const LINKS_MAX = 8;
const OUTAGES_MAX = 16;

/** Each longer time would leave the wheel that holds packets in transit (network/packet-calendar.ts). */
const ROUND_TRIP_MICROS_MAX = 4e6;
const JITTER_MICROS_MAX = 250_000;

interface LinkFigures {
  readonly roundTrip: number;
  readonly jitter: number;
  readonly loss: number;
  readonly burstLoss: number;
  /** Mean duration of a burst. */
  readonly burst: number;
  readonly reorder: number;
  readonly duplicate: number;
  /** Bits per second; Infinity without a limit. */
  readonly down: number;
  readonly up: number;
}

const MILLI = 1000;
const UNLIMITED = Number.POSITIVE_INFINITY;
const PLAIN: LinkFigures = {
  roundTrip: 0,
  jitter: 0,
  loss: 0,
  burstLoss: 0,
  burst: 200 * MILLI,
  reorder: 0,
  duplicate: 0,
  down: UNLIMITED,
  up: UNLIMITED,
};

/**
 * Round trips and bandwidths inside the ranges that are published; jitter is the distance between a published mean or
 * median and the shortest, where there are both. Losses are what is left after the radio link has repeated: published
 * as well below 1 %, so these are assumptions, as are the lengths of bursts.
 *
 *  - lan: an office network; assumption.
 *  - 4g: median ping of LTE phones 55 ms (Mehdi Daoudi, "Network latency of 4G", Web Performance Calendar 2013,
 *    calendar.perfplanet.com/2013/network-latency-4g); 9 Mbit/s both ways as the profile `4g` of sitespeed.io's
 *    throttle (github.com/sitespeedio/throttle).
 *  - 3g: round trip 150 ms, 1.6 Mbit/s down and 768 kbit/s up: the profile `3g` there, inside 100 to 500 ms and 0.5 to
 *    5 Mbit/s of Ilya Grigorik, "High Performance Browser Networking", 2013, table 7-2. Bursts of loss: Jang et al.,
 *    "3G and 3.5G wireless network performance measured from moving cars and high-speed trains", MICNET 2009.
 *  - edge: 300 to 1,000 ms and 100 to 400 kbit/s for 2G in the same table; 240 kbit/s down and 200 up as the profile
 *    `edge` of throttle. Handsets' round trips by network: Ricciato et al., "Network-wide measurements of TCP RTT in
 *    3G", 2009.
 *  - satellite: a geostationary one; its distance alone takes 558 ms there and back (Allman et al., RFC 2488, 1999).
 */
export const NETWORK_PRESETS = {
  lan: { ...PLAIN, roundTrip: 0.5 * MILLI, jitter: 0.05 * MILLI, down: 100e6, up: 100e6 },
  '4g': { ...PLAIN, roundTrip: 45 * MILLI, jitter: 5 * MILLI, loss: 0.001, down: 9e6, up: 9e6 },
  '3g': { ...PLAIN, roundTrip: 120 * MILLI, jitter: 15 * MILLI, loss: 0.003, burstLoss: 0.002, down: 1.6e6, up: 768e3 },
  edge: { ...PLAIN, roundTrip: 400 * MILLI, jitter: 50 * MILLI, loss: 0.005, burstLoss: 0.005, down: 240e3, up: 200e3 },
  satellite: { ...PLAIN, roundTrip: 560 * MILLI, jitter: 10 * MILLI, loss: 0.002, down: 10e6, up: 2e6 },
} as const satisfies Record<string, LinkFigures>;

const presetNames = z.enum(Object.keys(NETWORK_PRESETS) as (keyof typeof NETWORK_PRESETS)[]); // its own keys

const bits = rate({ min: 1000, max: 1e11 });

const link = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9 .'-]{0,31}$/, 'a name of letters, digits and spaces, at most 32')
      .optional(),
    preset: presetNames.optional(),
    share: share().optional(),
    platform: z.string().optional(),
    roundTrip: durationMicros({ max: ROUND_TRIP_MICROS_MAX }).optional(),
    jitter: durationMicros({ max: JITTER_MICROS_MAX }).optional(),
    loss: share().optional(),
    burstLoss: share().optional(),
    burst: durationMicros({ min: 1000, max: 60e6 }).optional(),
    reorder: share().optional(),
    duplicate: share().optional(),
    down: bits.optional(),
    up: bits.optional(),
  })
  .transform(({ name, preset, share: of, platform, ...own }) => {
    const base: LinkFigures = preset === undefined ? PLAIN : NETWORK_PRESETS[preset];
    return {
      name: name ?? preset ?? 'network',
      share: of,
      platform,
      roundTrip: own.roundTrip ?? base.roundTrip,
      jitter: own.jitter ?? base.jitter,
      loss: own.loss ?? base.loss,
      burstLoss: own.burstLoss ?? base.burstLoss,
      burst: own.burst ?? base.burst,
      reorder: own.reorder ?? base.reorder,
      duplicate: own.duplicate ?? base.duplicate,
      down: own.down ?? base.down,
      up: own.up ?? base.up,
    };
  });

const outage = z.strictObject({
  at: durationMicros().describe('When it begins, from the start of the measurement'),
  duration: durationMicros({ min: 1000 }).describe('How long it lasts, at least 1 ms'),
  cells: share().optional().describe('Share of the cells that fail, at least one, each with all of its phones'),
  tunnel: share().optional().describe('Instead of cells: share of the phones, chosen at random by the seed'),
  silence: durationMicros({ min: 1000 })
    .prefault('10s')
    .describe(
      'How long a phone waits for the answer to its heartbeat before it reconnects. A phone that would notice only after the outage keeps its connection, over which TCP sends again what was lost',
    ),
});

export const networkKeys = z.strictObject({
  links: z
    .union([presetNames.transform((preset) => [link.parse({ preset })]), z.array(link).max(LINKS_MAX)])
    .prefault([])
    .describe(
      'Networks of the phones, only over tun: the name of a preset for all phones (`lan`, `4g`, `3g`, `edge`, `satellite`), or a list of at most eight `{name, preset, share, platform, roundTrip, jitter, loss, burstLoss, burst, reorder, duplicate, down, up}`. share: share of all phones, together at most 100 %; or platform: name of the platform whose phones have it. All other phones have no such network. roundTrip: the shortest round trip, half of it each way. jitter: mean of an additional delay per packet, exponentially distributed, which keeps the order. loss: share of packets that are lost independently. burstLoss: share that is lost in bursts; burst: their mean duration (200ms). reorder: share of packets that arrive late, by up to half a round trip. duplicate: share that arrives twice. down, up: bits per second, such as 1.6M. A value that a link sets replaces that of its preset',
    ),
  cells: count({ min: 1, max: 1_000_000 })
    .prefault(1000)
    .describe('Number of radio cells; which phone is in which follows from the seed'),
  outages: z
    .array(outage)
    .max(OUTAGES_MAX)
    .prefault([])
    .describe('Outages, in order of time: cells that fail, or a tunnel, whose phones have no network for a time'),
  held: count({ min: 1024, max: 16_000_000 })
    .prefault(65_536)
    .describe(
      'Maximum of packets per lane that are in transit, in units of 128 bytes; further ones are dropped and counted, and the run is not valid',
    ),
});

type NetworkSettings = z.output<typeof networkKeys>;
export type NetworkLinkSettings = NetworkSettings['links'][number];

/** The other keys that networks depend on. */
interface Surroundings {
  readonly network: NetworkSettings;
  readonly transport: TransportName;
  readonly platforms: readonly { readonly name: string }[];
  readonly storms: readonly { readonly at: number }[];
  readonly phones: { readonly heartbeat: number };
  readonly phases: { readonly measure: number };
}

/** The first fault of the networks of a scenario; null if there is none. */
export function networkFault(settings: Surroundings): KeyFault | null {
  const { network, transport } = settings;
  if (!hasNetwork(network)) return null;
  const able = transportsThat(({ hasOwnNetwork }) => hasOwnNetwork);
  if (!TRANSPORTS[transport].hasOwnNetwork)
    return {
      path: ['network', network.links.length > 0 ? 'links' : 'outages'],
      what: `expected transport ${able.join(' or ')}, the only one whose packets can be lost, found ${transport}: --set transport=${able[0]}`,
    };
  return linksFault(settings) ?? outagesFault(settings);
}

function linksFault({ network: { links }, platforms }: Surroundings): KeyFault | null {
  const path = ['network', 'links'];
  // A single link without either is everybody's.
  const isBare = links.length === 1 && links[0]?.share === undefined && links[0]?.platform === undefined;
  for (const [place, { share: of, platform, burstLoss, name }] of links.entries()) {
    const fault = (what: string): KeyFault => ({ path: [...path, place], what });
    if (!isBare && (of === undefined) === (platform === undefined)) return fault('expected either share or platform');
    if (platform !== undefined && platforms.every((one) => one.name !== platform))
      return fault(`expected a platform of the scenario: ${platforms.map((one) => one.name).join(', ') || 'none'}`);
    if (burstLoss > 0.9) return fault('expected a burstLoss of at most 90 %');
    if (links.some((other, n) => n < place && other.name === name))
      return fault(`expected another name: two links are called ${name}`);
    if (platform !== undefined && links.some((other, n) => n < place && other.platform === platform))
      return fault(`expected one link for each platform: ${platform} has two`);
  }
  if (links.some(({ share: of }) => of !== undefined) && links.some(({ platform }) => platform !== undefined))
    return { path, what: 'expected all links by share or all by platform' };
  const sum = links.reduce((all, one) => all + (one.share ?? 0), 0);
  return sum <= 1 + 1e-9 ? null : { path, what: `expected shares that sum to at most 1, found ${sum.toFixed(4)}` };
}

function outagesFault({ network: { outages }, storms, phones, phases }: Surroundings): KeyFault | null {
  for (const [place, one] of outages.entries()) {
    const fault = (key: string, what: string): KeyFault => ({ path: ['network', 'outages', place, key], what });
    if ((one.cells === undefined) === (one.tunnel === undefined))
      return fault('cells', 'expected either cells or tunnel');
    if ((one.cells ?? one.tunnel) === 0) return fault(one.cells === 0 ? 'cells' : 'tunnel', 'expected a share above 0');
    const before = outages[place - 1];
    if (before !== undefined && one.at <= before.at)
      return fault('at', 'expected a later time than that of the outage before');
    if (storms.some(({ at }) => at === one.at)) return fault('at', 'expected another time than that of a storm');
    if (one.at + one.duration >= phases.measure)
      return fault('duration', 'expected an outage that ends within the measurement (phases.measure)');
    if (!Number.isFinite(phones.heartbeat))
      return fault('at', 'expected phones.heartbeat as well: a phone without heartbeats never notices silence');
  }
  return null;
}
