/**
 * The shipped scenarios, each of their steps, at a thousandth of their size in virtual time: nothing is lost, and the
 * same seed repeats everything. Over memory: networks of phones do not delay or lose anything here.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it, mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { triedCases } from '../../base/tried-cases.test-suite.ts';
import { type StormCounts, sumStorms } from '../../driver/storms/storm-tally.ts';
import type { DriverCounterName } from '../../driver/terms/driver-counters.ts';
import { curveLevel, loadArrivals } from '../../plan/load/load-curve.ts';
import { planRun, type RunPlan } from '../../plan/run-plan.ts';
import { parseScenario, type Scenario } from '../../scenario/scenario.ts';
import { parseSteps } from '../../scenario/scenario-step.ts';
import { worldIntegrity } from '../../simulate/checks/world-integrity.ts';
import {
  keepWhoLeft,
  leaveOutOneIn,
  loseJitter,
  putPresenceIntoMailboxes,
} from '../../simulate/phone-mutations.test-suite.ts';
import { World } from '../../simulate/world/world.ts';
import { Histogram } from '../../stats/histogram.ts';
import type { Integrity } from '../../verdict/record/integrity.ts';
import { plannedWorld } from '../worker/planned-world.ts';
import { smallScenario } from './small-scenario.test-suite.ts';
import { plannedReturnsPerSecond } from './traffic/planned-returns.ts';

/** Whether the same seed repeats everything. */
const RUNS = triedCases(2, 1);
/** Virtual time per turn: long, so that a run has few turns. No figure of time is judged here. */
const TURN_MICROS = 1000;
/** The same where a shard works on each message: for a millisecond, since few of them are the whole load here. */
const WORKING_TURN_MICROS = 500;
/** Virtual time of settling and measurement. */
const LOAD_MICROS = 4e6;
const RAMP_MICROS_MAX = 60e6;
/** Enough for each message that is on its way to be delivered again once. */
const DRAIN_MICROS_MAX = 70e6;
const DRAIN_STEP_MICROS = 50_000;

/** What must be seen of a scenario besides integrity, for those that have more to show than that. */
const PACK: Readonly<Record<string, (steps: readonly Ran[]) => void>> = {
  'fan-out': ([ran]) => assertAllAtOnce(ran, 250),
  'fan-out-churn': ([ran]) => {
    assertFanOut(ran, 90);
    assert.ok(of(ran).world.driver('returns') > 0 && of(ran).world.driver('deliveriesIgnored') > 0);
  },
  'fan-out-tcp': ([ran]) => assertAllAtOnce(ran, 90),
  'heartbeats-only': ([ran]) => assertHeartbeats(ran),
  'five-million': () => {},
  'hot-dispatcher': (steps) => assertQueue(steps),
  'hundred-million': () => {},
  'idle-ladder': () => {},
  'login-ramp': () => {},
  million: () => {},
  'new-year': ([ran]) => {
    assertEvents(ran, 6);
    assertReads(ran);
  },
  'offline-mailboxes': ([ran]) => assertAway(ran),
  'outage-2014-02-22': () => {},
  overload: (steps) => assertFlat(steps),
  self: () => {},
  smoke: () => {},
  'storm-1m': (steps) => assertJitter(steps),
  'storm-200k-tcp': (steps) => assertJitter(steps),
  'tcp-100k': () => {},
  'ten-million': () => {},
  transports: () => {},
  'two-million': () => {},
  'whatsapp-2012-server': () => {},
  'whatsapp-2014-peak': ([ran]) => {
    assertAway(ran);
    assertSteadyReturns(ran);
  },
  'whatsapp-2014-server': ([ran]) => assertPushes(ran),
  'world-cup-goal': ([ran]) => assertEvents(ran, 1),
  'ws-10k': () => {},
};
/**
 * Scenarios with other tests: of `trunkline simulate`, of the HTTP side, which has no virtual time, of a switch that is
 * killed, and of networks with faults and outages, which there are only over tun.
 */
const OTHERS = ['faults', 'http-100k', 'kill-switch', 'rough-links', 'subway'];

const SCENARIOS = fileURLToPath(new URL('../../../scenarios', import.meta.url));

interface PackStep {
  readonly name: string;
  readonly plan: RunPlan;
}

function stepsOf(name: string, settings: readonly string[] = []): PackStep[] {
  const file = join(SCENARIOS, `${name}.yaml`);
  const text = readFileSync(file, 'utf8');
  const small = (scenario: Scenario): RunPlan => planRun(smallScenario(scenario, LOAD_MICROS));
  const steps = parseSteps(text, file, settings).map((step) => ({
    name: `${name}, ${step.name}`,
    plan: small(step.scenario),
  }));
  return steps.length > 0 ? steps : [{ name, plan: small(parseScenario(text, file, settings)) }];
}

/** A step that has run. */
interface Ran {
  readonly plan: RunPlan;
  readonly world: World;
  readonly integrity: Integrity;
  readonly storms: readonly StormCounts[];
  /** Most messages that were due and not acknowledged after any turn of settling and measurement. */
  readonly unansweredPeak: number;
  /** Messages sent by each turn of settling and measurement. */
  readonly sentBy: readonly number[];
  /** The same of phones that have returned, once all have left that are away when traffic begins. */
  readonly returnedBy: readonly number[];
  readonly digest: string;
}

/** Logs all phones in, offers the load with its events and storms, and waits until everything has arrived. */
function run(plan: RunPlan): Ran {
  const { phases } = plan.settings;
  const turnMicros = plan.settings.switch.workPerMessage > 0 ? WORKING_TURN_MICROS : TURN_MICROS;
  const world = new World(plannedWorld(plan, turnMicros));
  world.openLogins();
  assert.ok(
    world.runUntil(() => world.driver('phonesArrived') === plan.online, RAMP_MICROS_MAX),
    `${world.driver('phonesArrived')} of ${plan.online} phones logged in`,
  );
  world.startTraffic();
  const sentBy: number[] = [];
  const returnedBy: number[] = [];
  let unansweredPeak = 0;
  for (let turn = 0; turn * turnMicros < phases.settle + phases.measure; turn++) {
    world.turn();
    sentBy.push(world.driver('messagesSent'));
    unansweredPeak = Math.max(unansweredPeak, world.driver('messagesUnanswered') + world.driver('messagesBacklog'));
    if (world.driver('lanesBeginning') === 0) returnedBy.push(world.driver('returns'));
  }
  world.stopTraffic();
  let integrity = worldIntegrity(world);
  for (let waited = 0; waited < DRAIN_MICROS_MAX && integrity.isSound !== true; waited += DRAIN_STEP_MICROS) {
    world.runFor(DRAIN_STEP_MICROS);
    integrity = worldIntegrity(world);
  }
  const digest = createHash('sha256');
  for (const { counters } of [...world.lanes, ...world.shards]) digest.update(counters);
  const storms = sumStorms(world.lanes.map((lane) => lane.stormCounts()));
  return { plan, world, integrity, storms, unansweredPeak, sentBy, returnedBy, digest: digest.digest('hex') };
}

/** What every scenario of the pack promises, whatever it is about. */
function assertSound({ plan, world, integrity, storms }: Ran): void {
  const { settings } = plan;
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  assert.equal(integrity.rejected, world.driver('rejectedOverloaded'), 'only overload refuses messages');
  assert.equal(world.switch('groupRejected'), 0, 'mailboxes have room for what is sent to groups');
  assert.equal(world.driver('loginsGivenUp'), 0);
  assert.equal(world.switch('heartbeatsMissed'), 0, 'no session ended for lack of heartbeats');
  if (settings.traffic.rate > 0) assert.ok(world.driver('messagesSent') > 0);
  if (settings.groups.count > 0) assert.ok((integrity.groups?.recipients ?? 0) > 0);
  assert.equal(world.driver('presenceNotices') > 0, settings.presence.watch > 0);
  assert.equal(storms.length, settings.storms.length);
  for (const storm of storms) {
    assert.ok(storm.dropped > 0);
    assert.equal(new Histogram(storm.restored).count, storm.dropped, 'all are back');
  }
  if (!Number.isFinite(settings.phones.session) && settings.platforms.length === 0)
    assert.equal(world.driver('held'), plan.online);
}

function of<Step>(step: Step | undefined): Step {
  return step ?? assert.fail('a step');
}

/** Each message goes to so many recipients or more. */
function assertFanOut(ran: Ran | undefined, recipientsMin: number): void {
  const { world } = of(ran);
  const [messages, recipients] = [world.switch('groupMessagesAccepted'), world.switch('groupRecipients')];
  assert.ok(messages > 20 && recipients / messages > recipientsMin, `${recipients} recipients of ${messages}`);
}

/** Messages to groups have so many recipients on average. */
function assertAllAtOnce(ran: Ran | undefined, recipientsMin: number): void {
  const { world } = of(ran);
  assertFanOut(ran, recipientsMin);
  assert.equal(world.driver('groupReceipts'), world.driver('groupMessagesAcknowledged'), 'each author was told once');
}

function assertHeartbeats(ran: Ran | undefined): void {
  const { plan, world } = of(ran);
  const perPhone = (4e6 / plan.settings.phones.heartbeat) * 0.95;
  assert.ok(world.driver('pongs') > perPhone * plan.online, `${world.driver('pongs')} answered`);
}

/** Half of the messages wait in mailboxes for phones that are away, and find them when they return. */
function assertAway(ran: Ran | undefined): void {
  const { world } = of(ran);
  assert.ok(world.driver('returns') > of(ran).plan.online / 50 && world.switch('messagesQueued') > 0);
}

/** In each tenth of the load as many phones return as in the long run. */
function assertSteadyReturns(ran: Ran | undefined): void {
  const { plan, returnedBy } = of(ran);
  const perSecond = plannedReturnsPerSecond(plan) ?? assert.fail('phones leave');
  assert.ok(returnedBy.length * TURN_MICROS > 0.9 * (plan.settings.phases.settle + plan.settings.phases.measure));
  const turns = Math.floor((returnedBy.length - 1) / 10);
  const expected = (perSecond * turns * TURN_MICROS) / 1e6;
  for (let tenth = 0; tenth < 10; tenth++) {
    const returned = (returnedBy[(tenth + 1) * turns] ?? Number.NaN) - (returnedBy[tenth * turns] ?? Number.NaN);
    assert.ok(
      Math.abs(returned - expected) < 5 * Math.sqrt(expected),
      `${returned} returned in tenth ${tenth}, ${expected} expected`,
    );
  }
}

/** Pushes wake phones of the platforms that have them, and of those alone. */
function assertPushes(ran: Ran | undefined): void {
  const { plan, world } = of(ran);
  const sum = (kind: 'Pushes' | 'Woken', hasPush: boolean): number =>
    plan.settings.platforms.reduce((all, { push }, place) => {
      const counted = world.driver(`platform${kind}${place}` as DriverCounterName); // each place has counters
      return (push !== undefined) === hasPush ? all + counted : all;
    }, 0);
  assert.ok(sum('Pushes', true) > 0 && sum('Woken', true) > 0, 'some are woken');
  assert.deepEqual([sum('Pushes', false), sum('Woken', false)], [0, 0]);
}

/**
 * At the height of each event as many messages are sent as it means, up to four standard deviations of a Poisson count.
 */
function assertEvents(ran: Ran | undefined, count: number): void {
  const { plan, sentBy } = of(ran);
  const { phases, events, curve, countries } = plan.settings;
  assert.equal(events.length, count);
  const arrivals = loadArrivals(plan.settings);
  const sentShare = (sentBy.at(-1) ?? 0) / arrivals.countAt(phases.settle + phases.measure); // some phones are away
  for (const { name, at, rise, duration, messages, countries: names } of events) {
    const levelOf = (some: typeof countries): number =>
      curveLevel(
        curve,
        at,
        some.map(({ share, utcOffset }) => ({ share, offsetHours: utcOffset })),
      );
    const part =
      names.length === 0 ? 1 : levelOf(countries.filter((one) => names.includes(one.name))) / levelOf(countries);
    const height = [at + rise, at + duration - rise].map((micros) => phases.settle + micros) as [number, number];
    const [fromTurn, toTurn] = height.map((micros) => Math.floor(micros / TURN_MICROS)) as [number, number];
    const sent = (sentBy[toTurn] ?? 0) - (sentBy[fromTurn] ?? 0);
    const intended = (arrivals.countAt(height[1]) - arrivals.countAt(height[0])) * sentShare;
    assert.ok(Math.abs(sent - intended) < 4 * Math.sqrt(intended), `${name}: ${sent} sent, ${intended} intended`);
    const rose = arrivals.rateAt(height[0]) / arrivals.rateAt(phases.settle + at - 1);
    assert.ok(Math.abs(rose / (1 + messages * part) - 1) < 0.05, `${name}: ${rose} times the rate`);
  }
}

/**
 * The share of messages that the scenario says is read, up to what is still unread at the end, and authors hear of it.
 */
function assertReads(ran: Ran | undefined): void {
  const { plan, world } = of(ran);
  const read = world.driver('readsSent') / world.driver('messagesDelivered');
  const { share } = plan.settings.content.readReceipts;
  assert.ok(read > share / 2 && read < share, `${read} of all messages were read`);
  const waiting = world.switch('readReceiptsQueued');
  assert.equal(world.switch('reads') - waiting, world.switch('readReceipts'), 'no receipt is lost');
}

/**
 * One shard falls behind in the burst, at least by what it cannot handle in it: here it handles a message in whole turns,
 * which takes longer than the scenario says. Two shards share the work.
 */
function assertQueue(steps: readonly Ran[]): void {
  const [one, two] = steps.map(({ unansweredPeak }) => unansweredPeak) as [number, number];
  const { phases, events, traffic, switch: switchKeys } = of(steps[0]).plan.settings;
  const { duration, messages } = events[0] ?? assert.fail('a burst');
  const behind = ((traffic.rate * (1 + messages) - 1e6 / switchKeys.workPerMessage) * duration) / 1e6;
  assert.ok(behind > 100 && duration < phases.measure / 2);
  assert.ok(one > behind && two < one / 2, `${one} waited for one shard, ${two} for two, ${behind} expected for one`);
}

/** What is delivered beyond the capacity stays near the best. */
function assertFlat(steps: readonly Ran[]): void {
  const delivered = steps.map(({ integrity }) => integrity.delivered);
  assert.ok((delivered.at(-1) ?? 0) > 0.8 * Math.max(...delivered), `${delivered}`);
  assert.ok(of(steps.at(-1)).world.switch('rejectedOverloaded') > 1000, 'the rest is refused');
}

/** With jitter phones return at different times, without it all at once, unless they are told when to come. */
function assertJitter(steps: readonly Ran[]): void {
  for (const { plan, storms } of steps) {
    const { backoff, retry } = plan.settings.login;
    const restored = new Histogram(storms[0]?.restored);
    const isPaced = plan.settings.switch.admission.logins.rate !== 'none';
    const isSpread = restored.max - restored.min > retry / 2;
    assert.equal(isSpread, backoff !== 'none' || isPaced, `${backoff}: ${restored.min} to ${restored.max} us`);
    if (isPaced) assert.ok((storms[0]?.deferred ?? 0) > 0, 'some are told to come later');
  }
}

it('has every shipped scenario, but for those with tests of their own', () => {
  const shipped = readdirSync(SCENARIOS).flatMap((file) => (file.endsWith('.yaml') ? file.slice(0, -5) : []));
  assert.deepEqual([...Object.keys(PACK), ...OTHERS].sort(), shipped.sort());
});

it('has a figure of the run beside every published one, of scenarios and of steps', () => {
  const inWords = [...Object.keys(PACK), ...OTHERS].flatMap((name) => {
    const file = join(SCENARIOS, `${name}.yaml`);
    const { published, steps } = parseScenario(readFileSync(file, 'utf8'), file).settings;
    return [...published, ...steps.flatMap((step) => step.published ?? [])]
      .filter(({ metric }) => metric === undefined)
      .map(({ figure }) => `${name}: ${figure}`);
  });
  assert.deepEqual(inWords, []);
});

describe('the scenario pack at a thousandth of its size, in virtual time', () => {
  for (const [name, assertMore] of Object.entries(PACK))
    it(`loses nothing${RUNS > 1 ? ', and repeats with its seed' : ''}: ${name}`, () => {
      const steps = stepsOf(name).map(({ name: step, plan }) => {
        const ran = run(plan);
        try {
          assertSound(ran);
          for (let n = 1; n < RUNS; n++) assert.equal(run(plan).digest, ran.digest, 'the same seed, the same counters');
        } catch (error) {
          throw new Error(step, { cause: error });
        }
        return ran;
      });
      assertMore(steps);
    });
});

describe('the scenario pack finds', () => {
  afterEach(() => mock.restoreAll());
  const first = (name: string, ...settings: string[]): RunPlan => of(stepsOf(name, settings)[0]).plan;
  /**
   * What the scenario is about as it ends with a mistake. That it is sound without is shown above, for what is shipped.
   */
  function integrityWith(mistake: () => void, plan: RunPlan): Integrity {
    mistake();
    const ran = run(plan);
    assert.throws(() => assertSound(ran));
    return ran.integrity;
  }

  it('one member in ten thousand who is left out', () => {
    const { groups } = integrityWith(() => leaveOutOneIn(10_000), first('fan-out'));
    assert.equal(groups?.lost, 1, JSON.stringify(groups));
  });

  it('a message to a phone that has left the group', () => {
    const changes = ['groups.joins=4000/s', 'groups.leaves=4000/s'];
    const plan = first('fan-out', ...changes);
    assertSound(run(plan));
    const { groups } = integrityWith(keepWhoLeft, plan);
    assert.ok((groups?.strangers ?? 0) > 0, JSON.stringify(groups));
  });

  it('presence that goes through mailboxes', () => {
    const { corrupted } = integrityWith(putPresenceIntoMailboxes, first('whatsapp-2014-server'));
    assert.ok(corrupted > 0);
  });

  it('a storm without jitter', () => {
    const [step] = stepsOf('storm-1m').filter(({ name }) => name.endsWith('full-jitter'));
    const { plan } = of(step);
    loseJitter(plan.settings.login.retry);
    const ran = run(plan);
    assertSound(ran);
    assert.throws(() => assertJitter([ran]), /full-jitter: \d+ to \d+ us/);
  });
});
