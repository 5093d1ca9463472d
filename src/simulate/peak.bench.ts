/**
 * Processor time of each side for a second of the scenario whatsapp-2014-peak at all of its rates, alone on one thread,
 * with a share of its phones: sessions, absences, messages, groups, heartbeats and presence as it has them. Prints
 * JSON. Large tables lie on huge pages if the environment has GLIBC_TUNABLES=glibc.malloc.hugetlb=1.
 *
 * Arguments: the share (0.01 by default, 1.7 million phones), virtual seconds that are measured (30), and settings of
 * the scenario to change, such as groups.share=0%.
 */
import { findScenario } from '../cli/options/find-scenario.ts';
import { planRun } from '../plan/run-plan.ts';
import { plannedWorld } from '../run/worker/planned-world.ts';
import { parseScenario } from '../scenario/scenario.ts';
import { Histogram } from '../stats/histogram.ts';
import { eachLatency } from '../verdict/record/latencies.ts';
import { measureSides } from './bench-world.test-suite.ts';
import { World } from './world/world.ts';

const SHARE = Number(process.argv[2] ?? 0.01);
const SECONDS = Number(process.argv[3] ?? 30);
/** One absence: until as many messages wait as at any later time. */
const SETTLE_SECONDS = 120;
/** Virtual time per turn: it has as many events then as a turn of a run that is at its limit. */
const TURN_MICROS = Math.max(50, Math.round(50 / SHARE));

const scaled = (whole: number): number => Math.round(whole * SHARE);
const text = await findScenario('whatsapp-2014-peak');
const scenario = parseScenario(text.text, text.file, [
  `phones.count=${scaled(465e6)}`,
  `traffic.activePhones=${scaled(174e6)}`,
  `traffic.rate=${scaled(405e3)}/s`,
  `login.rate=${scaled(10e6)}/s`,
  `groups.count=${scaled(2.4e6)}`,
  `presence.background=${scaled(67e3)}/s`,
  `switch.mailbox.blocks=${scaled(20e6)}`,
  ...process.argv.slice(4),
]);
const latencies = eachLatency(() => new Histogram());
const plan = planRun(scenario);
const world = new World({ ...plannedWorld(plan, TURN_MICROS), latencies });
/** Processor time of a turn: a busy machine changes it less than time. */
const spentMillis = measureSides(world, () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
});

world.openLogins();
world.runUntil(() => world.driver('held') === plan.online, 120e6);
world.startTraffic();
world.runFor(SETTLE_SECONDS * 1e6);

const COUNTED = [
  'messagesSent',
  'messagesAway',
  'messagesAcknowledged',
  'messagesDelivered',
  'groupMessagesSent',
  'groupDeliveries',
  'receipts',
  'heartbeats',
  'departures',
  'returns',
  'presenceNotices',
  'watchesSent',
  'readReceipts',
  'framesIn',
  'framesOut',
] as const;
const counts = (): number[] => COUNTED.map((name) => world.driver(name));
spentMillis.switch = 0;
spentMillis.driver = 0;
const before = counts();
world.runFor(SECONDS * 1e6);
const after = counts();
const secondsOf = (millis: number): number => millis / 1000 / SECONDS / SHARE;
const figures = {
  held: world.driver('held'),
  /** Seconds of a core for a second of all of the scenario. */
  switchSeconds: secondsOf(spentMillis.switch),
  driverSeconds: secondsOf(spentMillis.driver),
  findings: world.driver('corrupted') + world.driver('pairDuplicated') + world.driver('pairReordered'),
  perSecond: Object.fromEntries(
    COUNTED.map((name, n) => [name, Math.round(((after[n] ?? 0) - (before[n] ?? 0)) / SECONDS / SHARE)]),
  ),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
