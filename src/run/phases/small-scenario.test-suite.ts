/** A shipped scenario made so small and so short that a test can run it in virtual time. */
import type { Scenario } from '../../scenario/scenario.ts';
import type { ScenarioSettings } from '../../scenario/scenario-schema.ts';

const SCALE = 1 / 1000;
const PHONES_MIN = 200;
/** Messages in flight follow from rate and latency, and only the rate is scaled. */
const IN_FLIGHT_MIN = 1024;
/** Blocks are taken for a moment by each delivery, however few messages wait for phones that are away. */
const BLOCKS_MIN = 1024;

/** How to scale the figures of a scenario. */
interface Scaling {
  /** Of phones, and of what there is for them together. */
  part(count: number, minimum: number): number;
  rate(perSecond: number): number;
  time(micros: number): number;
}

/**
 * A thousandth of a scenario, with at least 200 phones, whose settling and measurement pass in `micros`. Phones live
 * correspondingly faster, so each sends as many messages and has as many sessions as in the whole run. Messages, sizes
 * of groups, and the limits of the switch per phone and per turn stay as they are.
 */
export function smallScenario(scenario: Scenario, micros: number): Scenario {
  const { settings } = scenario;
  const { phones, phases } = settings;
  const scale = Math.max(SCALE, PHONES_MIN / phones.count);
  const haste = Math.max(1, (phases.settle + phases.measure) / micros);
  const by: Scaling = {
    part: (count, minimum) => Math.max(minimum, Math.round(count * scale)),
    rate: (perSecond) => perSecond * scale * haste,
    time: (duration) => duration / haste,
  };
  const small = { ...settings, ...smallPhones(settings, by), ...smallLoad(settings, by), ...smallTables(settings, by) };
  return { ...scenario, settings: { ...small, transport: 'memory' } };
}

function smallPhones({ phones, platforms, login, storms, phases }: ScenarioSettings, { part, rate, time }: Scaling) {
  const lifetimes = <Kind extends { heartbeat: number; session: number; away: number }>(kind: Kind): Kind => ({
    ...kind,
    heartbeat: time(kind.heartbeat),
    session: time(kind.session),
    away: time(kind.away),
  });
  const pushed = ({ push, ...platform }: ScenarioSettings['platforms'][number]) => ({
    ...lifetimes(platform),
    ...(push === undefined ? {} : { push: { ...push, delay: time(push.delay), session: time(push.session) } }),
  });
  const { settle, measure, drain } = phases;
  return {
    phones: { ...lifetimes(phones), count: part(phones.count, PHONES_MIN) },
    platforms: platforms.map(pushed),
    login: { ...login, rate: rate(login.rate), retry: time(login.retry), retryMax: time(login.retryMax) },
    storms: storms.map((storm) => ({ ...storm, at: time(storm.at), silence: time(storm.silence) })),
    phases: { ...phases, settle: time(settle), measure: time(measure), drain: time(drain) },
  };
}

function smallLoad(
  { traffic, curve, events, groups, presence, misfits }: ScenarioSettings,
  { part, rate, time }: Scaling,
) {
  const { activePhones, stages } = traffic;
  const some = (count: number): number => (count === 0 ? 0 : part(count, 1));
  return {
    traffic: {
      ...traffic,
      rate: rate(traffic.rate),
      stages: stages.map(({ duration, target }) => ({ duration: time(duration), target: rate(target) })),
      activePhones: activePhones === 'all' ? activePhones : part(activePhones, PHONES_MIN),
    },
    curve: { ...curve, day: time(curve.day) },
    events: events.map((event) => ({
      ...event,
      at: time(event.at),
      rise: time(event.rise),
      duration: time(event.duration),
    })),
    groups: {
      ...groups,
      count: some(groups.count),
      joins: rate(groups.joins),
      leaves: rate(groups.leaves),
      lists: { ...groups.lists, count: some(groups.lists.count) },
    },
    presence: { ...presence, background: rate(presence.background), backgroundTime: time(presence.backgroundTime) },
    misfits: {
      ...misfits,
      stalledReaders: some(misfits.stalledReaders),
      duplicateConnects: rate(misfits.duplicateConnects),
    },
  };
}

function smallTables({ switch: switchKeys, driver }: ScenarioSettings, { part, rate }: Scaling) {
  const { mailbox, admission, workPerMessage } = switchKeys;
  const { logins } = admission;
  return {
    switch: {
      ...switchKeys,
      workPerMessage: workPerMessage / rate(1), // so that the capacity of a shard is the same part of the load
      mailbox: { ...mailbox, blocks: part(mailbox.blocks, BLOCKS_MIN) },
      admission: {
        ...admission,
        logins: { rate: logins.rate === 'none' ? logins.rate : rate(logins.rate), burst: part(logins.burst, 1) },
      },
    },
    driver: { ...driver, messagesInFlight: part(driver.messagesInFlight, IN_FLIGHT_MIN) },
  };
}
