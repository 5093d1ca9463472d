/**
 * Which keys have no effect because of the values of others, with the reason, as a table. Which keys a transport reads
 * is in the table of transports.
 *
 * Not in the table are keys whose only value without effect asks for nothing, such as a share of 0, and sizes of what
 * exists and stays empty.
 */
import { isOnLoopback } from './keys/transport/sockets-keys.ts';
import type { ScenarioSettings } from './scenario-schema.ts';
import { hasNetwork } from './terms/has-network.ts';
import { hasReads } from './terms/has-reads.ts';
import { isOverSockets, TRANSPORTS, transportsThat } from './terms/transports.ts';

export interface UnusedKeyRule {
  /** A section stands for all keys in it, `*` for each item of a list. */
  readonly keys: readonly string[];
  /** The keys that decide it. Whoever sets one of them for a run knows what it makes of the file: no note then. */
  readonly by: readonly string[];
  /** @param item place in the list, if the keys are those of its items. */
  isUnused(settings: ScenarioSettings, item: number): boolean;
  readonly because: string;
  readonly orSet: string;
  /** Whether it only holds for the phones of the scenario: the keys are the switch's, and other phones may need them. */
  readonly isOfPhones?: true;
}

/** Of several rules for a key the first counts. */
export const UNUSED_KEY_RULES: readonly UnusedKeyRule[] = [
  {
    keys: ['phones.away'],
    by: ['platforms'],
    isUnused: ({ platforms }) => platforms.length > 0,
    because: 'platforms have times of their own',
    orSet: 'away of each platform',
  },
  {
    keys: ['phones.away'],
    by: ['phones.session'],
    isUnused: ({ phones }) => !Number.isFinite(phones.session),
    because: 'phones.session is none: no phone leaves',
    orSet: 'phones.session',
  },
  {
    keys: ['phones.departure'],
    by: ['phones.session', 'platforms'],
    isUnused: ({ phones, platforms }) => [phones, ...platforms].every(({ session }) => !Number.isFinite(session)),
    because: 'no session ends: no phone leaves',
    orSet: 'phones.session',
  },
  {
    keys: ['platforms.*.sigma', 'platforms.*.away'],
    by: ['platforms'],
    isUnused: ({ platforms }, item) => !Number.isFinite(platforms[item]?.session),
    because: 'session is none: no phone of this platform leaves',
    orSet: 'its session',
  },
  {
    keys: ['login.secret'],
    by: ['login.authentication', 'http.port', 'http.authentication'],
    isUnused: ({ login, http }) =>
      login.authentication === 'none' && (http.port === 'none' || http.authentication === 'none'),
    because: 'nobody checks tokens',
    orSet: 'login.authentication=hmac',
  },
  {
    keys: ['login.retryMax'],
    by: ['login.backoff'],
    isUnused: ({ login }) => login.backoff === 'none',
    because: 'login.backoff is none: a phone waits for login.retry each time',
    orSet: 'login.backoff=full-jitter',
  },
  {
    keys: ['traffic.arrivals', 'content.kinds'],
    by: ['traffic.rate', 'traffic.stages', 'phases.calibrate'],
    isUnused: (settings) => !settings.phases.calibrate && !hasMessages(settings),
    because: 'phones send no messages',
    orSet: 'traffic.rate',
  },
  {
    keys: [
      'traffic.deliverWithin',
      'content.readReceipts',
      'presence.typing',
      'events',
      'groups.share',
      'groups.lists.share',
      'misfits.hotAccount',
      'misfits.hotGroup',
      'misfits.sentAgain',
    ],
    by: ['traffic.rate', 'traffic.stages'],
    isUnused: (settings) => !hasMessages(settings),
    because: 'phones send no messages',
    orSet: 'traffic.rate',
  },
  {
    keys: ['switch.workPerMessage'],
    by: ['traffic.rate', 'traffic.stages'],
    isUnused: (settings) => !hasMessages(settings),
    because: 'phones send no messages',
    orSet: 'traffic.rate',
    isOfPhones: true,
  },
  {
    keys: ['content.readReceipts.after'],
    by: ['content.readReceipts.share', 'content.readReceipts.groupShare'],
    isUnused: ({ content }) => !hasReads(content.readReceipts),
    because: 'content.readReceipts.share and content.readReceipts.groupShare are 0',
    orSet: 'content.readReceipts.share',
  },
  {
    keys: ['content.readReceipts.groupShare'],
    by: ['groups.count', 'groups.lists.count'],
    isUnused: ({ groups }) => groups.count + groups.lists.count === 0,
    because: 'there are no groups and no lists',
    orSet: 'groups.count',
  },
  {
    keys: ['groups.size', 'groups.sigma', 'groups.sizeMax', 'groups.members'],
    by: ['groups.count', 'groups.lists.count'],
    isUnused: ({ groups }) => groups.count + groups.lists.count === 0,
    because: 'there are no groups and no lists',
    orSet: 'groups.count',
  },
  {
    keys: ['storms.*.silence'],
    by: ['storms'],
    isUnused: ({ storms }, item) => storms[item]?.notice === 'reset',
    because: 'notice is reset: phones know at once',
    orSet: 'notice=silent',
  },
  {
    keys: ['presence.watchers'],
    by: ['presence.watch'],
    isUnused: ({ presence }) => presence.watch === 0,
    because: 'presence.watch is 0',
    orSet: 'presence.watch',
  },
  {
    keys: ['switch.presence'],
    by: ['presence.watch'],
    isUnused: ({ presence }) => presence.watch === 0,
    because: 'presence.watch is 0',
    orSet: 'presence.watch',
    isOfPhones: true,
  },
  {
    keys: ['presence.backgroundTime'],
    by: ['presence.background'],
    isUnused: ({ presence }) => presence.background === 0,
    because: 'presence.background is 0',
    orSet: 'presence.background',
  },
  {
    keys: ['curve.day', 'curve.start'],
    by: ['curve.hours'],
    isUnused: ({ curve }) => curve.hours.length === 0,
    because: 'curve.hours is empty',
    orSet: 'curve.hours',
  },
  {
    keys: ['switch.store'],
    by: ['switch.durability'],
    isUnused: ({ switch: { durability } }) => durability === 'none',
    because: 'switch.durability is none',
    orSet: 'switch.durability',
  },
  {
    keys: ['switch.store.loss'],
    by: ['switch.durability'],
    isUnused: ({ switch: { durability } }) => durability !== 'async',
    because: 'switch.durability is fsync: a crash loses nothing',
    orSet: 'switch.durability=async',
  },
  {
    keys: ['switch.store.buffer', 'switch.store.acknowledgements'],
    by: ['switch.durability'],
    isUnused: ({ switch: { durability } }) => durability !== 'fsync',
    because: 'switch.durability is async: no ✓ waits for the disk',
    orSet: 'switch.durability=fsync',
  },
  {
    keys: ['switch.admission.logins.burst'],
    by: ['switch.admission.logins.rate'],
    isUnused: ({ switch: { admission } }) => admission.logins.rate === 'none',
    because: 'switch.admission.logins.rate is none',
    orSet: 'switch.admission.logins.rate',
  },
  {
    keys: ['sockets.listen'],
    by: ['switch.placement'],
    isUnused: ({ sockets, switch: { placement } }) => sockets.listen === 'shared' && placement === 'home',
    because: 'switch.placement is home: each shard has a port of its own',
    orSet: 'switch.placement=any',
  },
  {
    keys: ['sockets.portsPerSource'],
    by: ['storms'],
    isUnused: ({ transport, storms }) =>
      !isOverSockets(transport) && storms.every(({ addresses }) => addresses === undefined),
    because: 'no storm asks for the addresses of simulated phones',
    orSet: `transport=${listed(
      transportsThat(({ isSimulated }) => !isSimulated),
      'or',
    )}`,
  },
  {
    keys: ['sockets.portsPerSource'],
    by: ['sockets.host'],
    isUnused: ({ transport, sockets }) =>
      isOverSockets(transport) && !TRANSPORTS[transport].hasOwnNetwork && !isOnLoopback(sockets.host),
    because: 'the switch is not on loopback: the kernel chooses the source address',
    orSet: 'sockets.host=127.0.0.1',
  },
  {
    keys: ['network.cells'],
    by: ['network.outages'],
    isUnused: ({ network }) => network.outages.every(({ cells }) => cells === undefined),
    because: 'there is no outage of cells',
    orSet: 'network.outages',
  },
  {
    keys: ['network.held'],
    by: ['network.links', 'network.outages'],
    isUnused: ({ network }) => !hasNetwork(network),
    because: 'there are no links and no outages',
    orSet: 'network.links',
  },
  {
    keys: ['network.links.*.burst'],
    by: ['network.links'],
    isUnused: ({ network }, item) => network.links[item]?.burstLoss === 0,
    because: 'burstLoss is 0',
    orSet: 'its burstLoss',
  },
  {
    keys: [
      'http.host',
      'http.accounts',
      'http.authentication',
      'http.limits',
      'http.load.connections',
      'http.load.text',
    ],
    by: ['http.port'],
    isUnused: ({ http }) => http.port === 'none',
    because: 'http.port is none: there is no HTTP side',
    orSet: 'http.port=0',
  },
  {
    keys: ['http.load.connections', 'http.load.text'],
    by: ['http.load.rate'],
    isUnused: ({ http }) => http.load.rate === 0,
    because: 'http.load.rate is 0',
    orSet: 'http.load.rate',
  },
  {
    keys: ['phases.calibration', 'phases.calibrationPhones'],
    by: ['phases.calibrate'],
    isUnused: ({ phases }) => !phases.calibrate,
    because: 'phases.calibrate is false',
    orSet: 'phases.calibrate=true',
  },
];

function hasMessages({ traffic, http }: ScenarioSettings): boolean {
  return traffic.rate > 0 || http.load.rate > 0 || traffic.stages.some(({ target }) => target > 0);
}

/** Names as part of a sentence: `a, b or c`. */
export function listed(names: readonly string[], word: 'and' | 'or'): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(` ${word} `);
}
