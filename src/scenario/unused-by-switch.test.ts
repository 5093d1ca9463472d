/** Keys that are set for a switch alone and do nothing there: each is named, and the plan of the switch has it not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MACHINE } from '../plan/measured-machine.test-suite.ts';
import { planOn, type RunPlan } from '../plan/run-plan.ts';
import { parseScenario, scenarioSource } from './scenario.ts';
import { unusedBySwitch } from './unused-by-switch.ts';
import { type UnusedKey, unusedKeyLines } from './unused-keys.ts';

const BASE = `name: test
description: A scenario for tests
transport: tcp
phones: {count: 1k, offline: 0%, heartbeat: 1m, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
groups: {count: 5, sizeMax: 20, lists: {count: 2}}
http: {port: 0}
`;

function unusedOf(text: string, ...settings: string[]): UnusedKey[] {
  const source = scenarioSource(text, 'x.yaml');
  for (const setting of settings) source.set(setting);
  return unusedBySwitch(source, parseScenario(text, 'x.yaml', settings).unused);
}

const linesOf = (text: string, ...settings: string[]): string[] => unusedKeyLines(unusedOf(text, ...settings));

/** What a switch takes of a scenario: all but what only its lanes have. */
function switchPlanOf(...settings: string[]): unknown {
  const { plan } = planOn(parseScenario(BASE, 'x.yaml', settings), MACHINE, 'switch');
  const { settings: _, memory, activePhones, inFlightPlacesPerLane, ...rest }: RunPlan = plan;
  return { ...rest, shape: { ...rest.shape, latencyRangeBits: 0 } };
}

/** Each with another value than its default, and what must be set with it. */
const OF_PHONES: readonly (readonly [setting: string, ...others: string[]])[] = [
  ['phones.contacts=3'],
  ['login.arrivals=constant'],
  ['login.timeout=9s'],
  ['login.retry=2s'],
  ['login.backoff=full-jitter'],
  ['login.attempts=3'],
  ['login.retryMax=50s', 'login.backoff=full-jitter'],
  ['traffic.arrivals=constant'],
  ['traffic.stages=[{duration: 1s, target: 5}]'],
  ['traffic.deliverWithin=2s'],
  ['content.readReceipts.share=5%'],
  ['content.readReceipts.groupShare=5%'],
  ['groups.share=5%'],
  ['groups.joins=1/s'],
  ['groups.leaves=1/s'],
  ['groups.lists.share=5%'],
  ['storms=[{at: 1s, share: 5%}]'],
  ['faults=[{at: 1s, kill: switch}]', 'http.port=none'],
  ['misfits.sentAgain=1%'],
  ['presence.background=5/s'],
  ['presence.backgroundTime=5s', 'presence.background=5/s'],
  ['presence.typing=5%'],
  [`curve.hours=[${Array(24).fill('50%')}]`],
  ['events=[{name: a, at: 1s, duration: 2s, messages: +35%}]'],
  ['driver.messagesInFlight=128k'],
  ['sockets.connecting=9'],
  ['http.load.rate=5/s'],
  ['phases.calibrate=false'],
  ['phases.calibration=9s'],
  ['phases.calibrationPhones=99'],
  ['phases.levels=9'],
  ['thresholds={integrity.lost: value==0}'],
];

describe('a key of the phones', () => {
  for (const [setting, ...others] of OF_PHONES) {
    it(`is named to those who set it for a switch alone, which does not read it: ${setting}`, () => {
      const found = unusedOf(BASE, setting, ...others).filter(({ place }) => place === `--set ${setting}`);
      assert.match(unusedKeyLines(found).join(), /^--set .* has no effect, because serve has no phones; remove /);
      assert.deepEqual(switchPlanOf(setting, ...others), switchPlanOf(...others));
    });
  }

  it('is fine in a file for both', () => {
    assert.deepEqual(linesOf(`${BASE}storms: [{at: 1s, share: 5%}]\nphases: {levels: 9}\n`), []);
  });
});

it('what the flags of serve decide is named to those who set it, with the flag', () => {
  assert.deepEqual(linesOf(BASE, 'sockets.port=80', 'login.secret=x').sort(), [
    '--set login.secret=x: key login.secret has no effect, because serve checks tokens as --auth says, with a secret of its own; remove it or use --auth and --secret-file',
    '--set sockets.port=80: key sockets.port has no effect, because serve listens where --listen says; remove it or use --listen',
  ]);
  assert.deepEqual(linesOf(BASE.replace('rate: 1k', 'rate: 1k, secret: x')), [], 'phones of the file have it');
});

it('what the phones of the scenario leave unused is not named, since others may need it', () => {
  const set = ['traffic.rate=0', 'switch.workPerMessage=1us', 'switch.presence.watchMax=4'];
  assert.deepEqual(linesOf(BASE, ...set), []);
  assert.equal(parseScenario(BASE, 'x.yaml', set).unused.length, 2);
});

it('what nobody uses is named as for a run', () => {
  assert.match(linesOf(BASE, 'switch.store.threads=2').join(), /because switch\.durability is none; remove it or set/);
  assert.match(linesOf(`${BASE}ws: {maxPayload: 4KiB}\n`).join(), /^x\.yaml:9:18: key ws\.maxPayload has no effect/);
});
