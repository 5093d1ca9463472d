/**
 * Keys that a scenario sets and that have no effect in it, because of the values of other keys: which they are, why,
 * and what would give them one. Only keys that were written or set count, never defaults.
 *
 * They are notes and not errors: several scenarios, steps, sides and transports share files and settings, and a result
 * repeats its run with the whole scenario. A key without effect that is more likely a mistake than shared, such as a
 * share of messages for groups that do not exist, is refused where the keys of its feature are checked.
 */
import type { ScenarioSettings } from './scenario-schema.ts';
import { TRANSPORT_NAMES, TRANSPORTS, type TransportName, transportsThat } from './terms/transports.ts';
import { listed, UNUSED_KEY_RULES } from './unused-key-rules.ts';
import { isSet, type Path, type ValueSource, type YamlSource } from './yaml-source.ts';

export interface UnusedKey {
  readonly path: Path;
  /** Where it was set, for messages. */
  readonly place: string;
  readonly from: ValueSource;
  /** Why it has no effect. */
  readonly because: string;
  /** What to do instead of removing it. */
  readonly instead: string;
  /**
   * What does without it: the transport of the scenario, all runs but simulations, a switch that runs alone, the phones
   * of the scenario (others may need it), or the scenario, however it is run.
   */
  readonly unusedBy: 'transport' | 'real runs' | 'switch alone' | 'its phones' | 'scenario';
}

type Found = Omit<UnusedKey, 'place'>;

/** The keys of a scenario that are set without effect, each once. @param source the scenario, with its settings. */
export function unusedKeys(source: YamlSource, settings: ScenarioSettings): UnusedKey[] {
  const written = source.plain();
  const setKeys = (key: string): Pick<UnusedKey, 'path' | 'from'>[] =>
    waysTo(written, key).map((path) => ({ path, from: source.sourceOf(path) }));
  const { transport } = settings;
  const ofTransport = [...keysOfOthers(transport)].flatMap((key): Found[] => {
    const able = transportsThat(({ reads }) => reads.includes(key));
    const instead = `set transport=${listed(able, 'or')}`;
    return setKeys(key).map((one) => ({
      ...one,
      because: `transport is ${transport}`,
      instead,
      unusedBy: 'transport',
    }));
  });
  const ofRules = UNUSED_KEY_RULES.flatMap(({ keys, by, isUnused, because, orSet, isOfPhones }): Found[] => {
    const unusedBy = isOfPhones === true ? 'its phones' : 'scenario';
    const isKnown = by.some((key) => source.sourceOf(key.split('.')) === 'setting');
    return keys
      .flatMap(setKeys)
      .filter(({ path, from }) => {
        const item = path.find((part) => typeof part === 'number') ?? 0;
        return isUnused(settings, item) && (from === 'setting' || !isKnown);
      })
      .map((one) => ({ ...one, because, instead: `set ${orSet}`, unusedBy }));
  });
  // A file may have them for those who simulate it.
  const ofSimulations = setKeys('simulate').flatMap((one): Found[] =>
    one.from === 'setting'
      ? [{ ...one, because: 'only simulations read it', instead: 'use trunkline simulate', unusedBy: 'real runs' }]
      : [],
  );
  return withoutRepeats([...ofTransport, ...ofRules, ...ofSimulations]).map((key) => ({
    ...key,
    place: source.place(key.path),
  }));
}

/** A scenario, as far as it matters here. */
interface WithUnused {
  readonly written: unknown;
  readonly unused: readonly UnusedKey[];
}

/**
 * The keys without effect of several runs with common keys, such as steps: those that no run uses which has them, and
 * those that a chosen run sets itself in vain.
 *
 * @param all whoever has the keys of the file.
 * @param chosen those of them that run; they have what is set by the command.
 */
export function unusedInAll(all: readonly WithUnused[], chosen: readonly WithUnused[]): UnusedKey[] {
  const isUsedBy = (key: UnusedKey, { written, unused }: WithUnused): boolean =>
    isSet(written, key.path) && !unused.some((other) => isSameKey(other, key));
  const found = chosen.flatMap(({ unused }) => unused);
  const own = found.filter(({ from }) => from === 'step');
  const common = found.filter(
    (key) => key.from !== 'step' && !(key.from === 'file' ? all : chosen).some((one) => isUsedBy(key, one)),
  );
  return [...withoutRepeats(common), ...own];
}

/** One line for all keys with the same reason, which begins with the place of the first. */
export function unusedKeyLines(keys: readonly UnusedKey[]): string[] {
  const byReason = new Map<string, UnusedKey[]>();
  for (const key of keys) {
    const reason = JSON.stringify([key.from === 'step' ? key.place : key.from, key.because, key.instead]);
    byReason.set(reason, [...(byReason.get(reason) ?? []), key]);
  }
  return [...byReason.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    const names = alike.map(({ path }) => path.join('.'));
    const [what, them] = names.length === 1 ? ['key', 'it'] : ['keys', 'them'];
    const have = names.length === 1 ? 'has' : 'have';
    return [
      `${first.place}: ${what} ${listed(names, 'and')} ${have} no effect, because ${first.because}; remove ${them} or ${first.instead}`,
    ];
  });
}

/** Of several notes on one key the first. */
export function withoutRepeats<Key extends Found>(keys: readonly Key[]): Key[] {
  return keys.filter((key, n) => keys.findIndex((other) => isSameKey(other, key)) === n);
}

function isSameKey(one: Found, other: Found): boolean {
  return one.path.join('.') === other.path.join('.');
}

/** Keys that other transports read, and this one does not. */
function keysOfOthers(transport: TransportName): Set<string> {
  const all = TRANSPORT_NAMES.flatMap((name) => TRANSPORTS[name].reads);
  return new Set(all.filter((key) => !TRANSPORTS[transport].reads.includes(key)));
}

/** What is set of a key in what was written: its paths, as {@link UNUSED_KEY_RULES} name them. */
export function waysTo(written: unknown, key: string): (string | number)[][] {
  return setPaths(written, key.split('.'));
}

/** What is set of a key: the key itself, all in it if it is a section, that of each item for `*`. */
function setPaths(written: unknown, [first, ...rest]: readonly string[]): (string | number)[][] {
  const isList = Array.isArray(written);
  const isSection = typeof written === 'object' && written !== null && !isList;
  if (first === undefined && !isSection) return [[]];
  return Object.entries(isSection || isList ? written : {})
    .filter(([name]) => first === undefined || first === (isList ? '*' : name))
    .flatMap(([name, inner]) => setPaths(inner, rest).map((path) => [isList ? Number(name) : name, ...path]));
}
