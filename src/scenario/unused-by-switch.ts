/**
 * Keys that have no effect where the switch runs alone (`trunkline serve`), and are set for it. Those of a file are for
 * the phones as well, which are elsewhere and read the same file, so they are not named.
 */
import { type UnusedKey, waysTo, withoutRepeats } from './unused-keys.ts';
import type { YamlSource } from './yaml-source.ts';

interface OthersKeys {
  /** A section stands for all keys in it. */
  readonly keys: readonly string[];
  readonly because: string;
  readonly instead: string;
}

/** What the phones alone read. Keys that also size the switch, such as `phones.count`, are not among them. */
const OF_PHONES = [
  'phones.contacts',
  'login.arrivals',
  'login.timeout',
  'login.retry',
  'login.backoff',
  'login.retryMax',
  'login.attempts',
  'traffic.arrivals',
  'traffic.stages',
  'traffic.deliverWithin',
  'content',
  'groups.share',
  'groups.joins',
  'groups.leaves',
  'groups.lists.share',
  'storms',
  'faults',
  'misfits',
  'presence.background',
  'presence.backgroundTime',
  'presence.typing',
  'curve',
  'events',
  'driver.messagesInFlight',
  'sockets.connecting',
  'http.load',
  'phases.calibrate',
  'phases.calibration',
  'phases.calibrationPhones',
  'phases.levels',
  'thresholds',
  'published',
];

const OF_OTHERS: readonly OthersKeys[] = [
  { keys: OF_PHONES, because: 'serve has no phones', instead: 'use trunkline drive' },
  { keys: ['sockets.host', 'sockets.port'], because: 'serve listens where --listen says', instead: 'use --listen' },
  {
    keys: ['login.authentication', 'login.secret', 'http.authentication'],
    because: 'serve checks tokens as --auth says, with a secret of its own',
    instead: 'use --auth and --secret-file',
  },
];

/**
 * The keys without effect on a switch alone.
 * @param source the scenario with what is set for the switch, without what the flags of the command make of it.
 * @param unused the keys that have none in the scenario.
 */
export function unusedBySwitch(source: YamlSource, unused: readonly UnusedKey[]): UnusedKey[] {
  const written = source.plain();
  const ofOthers = OF_OTHERS.flatMap(({ keys, because, instead }) =>
    keys.flatMap((key) => waysTo(written, key)).map((path) => ({ path, because, instead })),
  );
  const isOfOthers = ({ path }: UnusedKey): boolean => ofOthers.some((one) => one.path.join('.') === path.join('.'));
  const set = ofOthers
    .filter(({ path }) => source.sourceOf(path) === 'setting')
    .map((one) => ({ ...one, place: source.place(one.path), from: 'setting', unusedBy: 'switch alone' }) as const);
  const others = unused.filter((key) => key.unusedBy !== 'its phones' && !isOfOthers(key));
  return withoutRepeats([...others, ...set]);
}
