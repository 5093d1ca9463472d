/**
 * Parses and checks the text of a scenario, together with settings from the command line.
 *
 * Each error names the file, line and column (or the setting), what was expected and what was found. All errors of a
 * file are reported together.
 */
import { TrunklineError } from '../base/errors.ts';
import { formatMicros } from '../base/units.ts';
import { contentFault } from './keys/content-keys.ts';
import { faultsFault } from './keys/faults-key.ts';
import { groupsFault } from './keys/groups-keys.ts';
import { misfitsFault } from './keys/misfits-key.ts';
import { mostContacts } from './keys/phones/contacts-key.ts';
import { countriesFault } from './keys/phones/countries-key.ts';
import { platformsFault } from './keys/phones/platforms-key.ts';
import { stormsFault } from './keys/storms-key.ts';
import { networkFault } from './keys/transport/network-keys.ts';
import { type ScenarioSettings, scenarioSchema } from './scenario-schema.ts';
import { BEST_REAL, DEFAULT_SOCKET_TRANSPORT, type SocketTransportName } from './terms/transports.ts';
import { parseThreshold, type Threshold } from './threshold.ts';
import { type UnusedKey, unusedKeys } from './unused-keys.ts';
import { isSet, type Path, YamlSource } from './yaml-source.ts';

export interface Scenario {
  readonly name: string;
  readonly settings: ScenarioSettings;
  readonly thresholds: readonly Threshold[];
  /** The scenario as written, with its settings, for the result. */
  readonly written: unknown;
  /** Keys that are set and have no effect. None where there are steps, each of which is a scenario with its own. */
  readonly unused: readonly UnusedKey[];
}

/** What `best-real` stands for. It is called only for a scenario that asks for it, since finding out takes time. */
export type ChooseReal = () => SocketTransportName;

/** For those who do not run the scenario on this machine. */
export const ANYWHERE: ChooseReal = () => DEFAULT_SOCKET_TRANSPORT;

/**
 * Parses a scenario.
 *
 * @param file name of the file, for messages.
 * @param settings `a.b=c` each, applied before checking.
 * @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID.
 */
export function parseScenario(
  text: string,
  file: string,
  settings: readonly string[] = [],
  chooseReal: ChooseReal = ANYWHERE,
): Scenario {
  const source = scenarioSource(text, file);
  for (const setting of settings) source.set(setting);
  return checkScenario(source, chooseReal);
}

/** Parses the text of a scenario without checking it. @throws SCENARIO_INVALID. */
export function scenarioSource(text: string, file: string): YamlSource {
  return new YamlSource(text, file, { what: 'a scenario', code: 'SCENARIO_INVALID' });
}

/** Checks a parsed scenario. @throws SCENARIO_INVALID, SETTING_INVALID or THRESHOLD_INVALID. */
export function checkScenario(source: YamlSource, chooseReal: ChooseReal): Scenario {
  // Before anything is kept of it: a result and its hash name the transport that it had.
  if (source.document.get('transport') === BEST_REAL) source.document.set('transport', chooseReal());
  const written = source.plain();
  const checked = source.parse(scenarioSchema);
  checkWhole(source, checked);
  return {
    name: checked.name,
    settings: checked,
    thresholds: parseThresholds(source, checked),
    written,
    unused: checked.steps.length > 0 ? [] : unusedKeys(source, checked),
  };
}

/** Numbers have at most 15 digits. */
const NUMBER_MAX = 1e15;

/** Checks that concern several keys. */
function checkWhole(source: YamlSource, settings: ScenarioSettings): void {
  const { phones, numbering, traffic, driver, login, http } = settings;
  const online = Math.floor(phones.count * (1 - phones.offline));
  const fail = (path: Path, what: string): never => {
    const code = source.isSetting(path) ? 'SETTING_INVALID' : 'SCENARIO_INVALID';
    throw new TrunklineError(code, `${source.place(path)}: ${path.join('.')}: ${what}`);
  };
  const blocks = [...numbering].sort((a, b) => a.first - b.first);
  blocks.forEach((block, i) => {
    const before = blocks[i - 1];
    if (before !== undefined && before.first + before.count > block.first) {
      fail(['numbering'], `the blocks that start at ${before.first} and ${block.first} overlap`);
    }
    if (block.first + block.count > NUMBER_MAX) {
      fail(['numbering'], `expected numbers of at most 15 digits; ${block.count} from ${block.first} on do not fit`);
    }
  });
  const numbers = blocks.reduce((sum, block) => sum + block.count, 0);
  const last = blocks.at(-1);
  if (http.port !== 'none' && last !== undefined && last.first + last.count + http.accounts > NUMBER_MAX) {
    fail(['http', 'accounts'], `no room behind the last number, ${last.first + last.count - 1}, below 10^15`);
  }
  const groups = settings.groups.count + settings.groups.lists.count;
  if (groups > 0 && last !== undefined && last.first + last.count + http.accounts + groups > NUMBER_MAX) {
    fail(['groups', 'count'], `no room behind the last number, ${last.first + last.count - 1}, below 10^15`);
  }
  if (http.load.rate > 0 && http.port === 'none')
    fail(['http', 'load', 'rate'], 'expected http.port as well, such as 0');
  if (http.load.rate > http.limits.rate) {
    fail(['http', 'load', 'rate'], `expected at most http.limits.rate, ${http.limits.rate} per second`);
  }
  if (blocks.length > 0 && numbers < phones.count) {
    fail(['numbering'], `${numbers} numbers are too few for ${phones.count} phones`);
  }
  if (online < 1) fail(['phones', 'offline'], 'expected a share that leaves at least one phone online');
  const active = traffic.activePhones === 'all' ? phones.count : traffic.activePhones;
  if (active > phones.count) fail(['traffic', 'activePhones'], `expected at most phones.count, ${phones.count}`);
  const { contacts } = phones;
  if (typeof contacts !== 'number' && contacts.median > contacts.max)
    fail(['phones', 'contacts'], `expected a median of at most max, ${contacts.max}, found ${contacts.median}`);
  if (active <= mostContacts(contacts))
    fail(['phones', 'contacts'], `expected fewer contacts than active phones, of which there are ${active}`);
  if (driver.lanes > phones.count) fail(['driver', 'lanes'], 'expected at most one lane per phone');
  settings.events.forEach(({ at, rise, duration, countries: names }, n) => {
    if (at + duration > settings.phases.measure) {
      fail(['events', n, 'duration'], 'expected an event that ends within the measurement (phases.measure)');
    }
    if (rise > duration / 2 && isSet(source.plain(), ['events', n, 'rise'])) {
      const most = formatMicros(duration / 2);
      fail(['events', n, 'rise'], `expected at most half of the duration, ${most}, found ${formatMicros(rise)}`);
    }
    const unknown = names.find((name) => !settings.countries.some((country) => country.name === name));
    if (unknown !== undefined) fail(['events', n, 'countries'], `expected names of countries, found ${unknown}`);
  });
  if (login.timeout > 30 * 60e6) fail(['login', 'timeout'], 'expected at most 30m');
  if (login.backoff !== 'none' && login.retryMax < login.retry)
    fail(['login', 'retryMax'], 'expected at least login.retry');
  const faults = [
    stormsFault(settings),
    faultsFault(settings),
    groupsFault(settings),
    countriesFault(settings),
    misfitsFault(settings.misfits, online, settings.groups.count),
    platformsFault(settings),
    networkFault(settings),
    contentFault(settings),
  ];
  for (const fault of faults) {
    if (fault !== null) fail(fault.path, fault.what);
  }
}

function parseThresholds(source: YamlSource, settings: ScenarioSettings): Threshold[] {
  return Object.entries(settings.thresholds).flatMap(([metric, written]) =>
    [written].flat().map((expression) => {
      try {
        return parseThreshold(metric, expression);
      } catch (error) {
        if (!(error instanceof TrunklineError)) throw error;
        throw new TrunklineError(error.code, `${source.place(['thresholds', metric], undefined)}: ${error.message}`);
      }
    }),
  );
}
