/**
 * Keys that a scenario sets and that do nothing in it: each is named, with the reason, where a user would look for it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { keysAt } from './keys-at.ts';
import { parseScenario } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';
import { parseSteps } from './scenario-step.ts';
import { TRANSPORT_NAMES, TRANSPORTS } from './terms/transports.ts';
import { UNUSED_KEY_RULES } from './unused-key-rules.ts';
import { unusedInAll, unusedKeyLines } from './unused-keys.ts';

const BASE = `name: test
description: A scenario for tests
phones: {count: 1k, offline: 0%, heartbeat: 1m, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;

/** The lines about a scenario that is this text and these settings. */
const linesOf = (text: string, ...settings: string[]): string[] =>
  unusedKeyLines(parseScenario(text, 'x.yaml', settings).unused);

/** The lines about a scenario with steps. */
function linesOfSteps(text: string, only: readonly string[] = [], settings: readonly string[] = []): string[] {
  const steps = parseSteps(text, 'x.yaml', settings);
  const chosen = only.length === 0 ? steps : steps.filter(({ name }) => only.includes(name));
  return unusedKeyLines(
    unusedInAll(
      steps.map(({ scenario }) => scenario),
      chosen.map(({ scenario }) => scenario),
    ),
  );
}

const LINKS = 'network.links=[{burst: 1s}]';
const PLATFORM = '{name: A, share: 100%, heartbeat: 1m, session: none, away: 5s}';
const OVER_TUN = ['transport=tun'];
const SILENT = ['traffic.rate=0'];

/** What is set in vain, what the line says of it, and what gives it an effect. */
const DEAD: readonly (readonly [sets: readonly string[], says: string, remedy: readonly string[]])[] = [
  [
    ['phones.away=5s'],
    'key phones.away has no effect, because phones.session is none: no phone leaves; remove it or set phones.session',
    ['phones.session=1m'],
  ],
  [
    ['phones.departure=drop'],
    'key phones.departure has no effect, because no session ends: no phone leaves; remove it or set phones.session',
    ['phones.session=1m'],
  ],
  [
    [`platforms=[${PLATFORM}]`],
    'key platforms.0.away has no effect, because session is none: no phone of this platform leaves; remove it or set its session',
    [`platforms=[${PLATFORM.replace('none', '1m')}]`],
  ],
  [
    ['platforms=whatsapp-2014', 'phones.heartbeat=20m', 'phones.away=5s'],
    'key phones.away has no effect, because platforms have times of their own; remove it or set away of each platform',
    ['platforms=[]', 'phones.session=1m'],
  ],
  [
    ['login.secret=x'],
    'key login.secret has no effect, because nobody checks tokens; remove it or set login.authentication=hmac',
    ['login.authentication=hmac'],
  ],
  [['login.secret=x'], 'because nobody checks tokens', ['http.port=0']],
  [
    ['login.retryMax=5s'],
    'key login.retryMax has no effect, because login.backoff is none: a phone waits for login.retry each time; remove it or set login.backoff=full-jitter',
    ['login.backoff=decorrelated'],
  ],
  [
    [...SILENT, 'phases.calibrate=false', 'traffic.arrivals=constant', 'content.kinds=whatsapp-2014'],
    'because phones send no messages; remove them or set traffic.rate',
    ['phases.calibrate=true'],
  ],
  [
    [...SILENT, 'presence.typing=5%', 'switch.workPerMessage=1us'],
    'keys presence.typing and switch.workPerMessage have no effect, because phones send no messages; remove them or set traffic.rate',
    ['traffic.stages=[{duration: 1s, target: 5}]'],
  ],
  [
    ['content.readReceipts.after=1s'],
    'because content.readReceipts.share and content.readReceipts.groupShare are 0; remove it or set content.readReceipts.share',
    ['content.readReceipts.share=5%'],
  ],
  [
    ['content.readReceipts.after=1s'],
    'because content.readReceipts.share and content.readReceipts.groupShare are 0',
    ['content.readReceipts.groupShare=5%', 'groups.count=3'],
  ],
  [
    ['content.readReceipts.groupShare=5%'],
    'key content.readReceipts.groupShare has no effect, because there are no groups and no lists; remove it or set groups.count',
    ['groups.lists.count=3'],
  ],
  [
    ['groups.size=8', 'groups.members=all'],
    'keys groups.size and groups.members have no effect, because there are no groups and no lists; remove them or set groups.count',
    ['groups.lists.count=3'],
  ],
  [
    ['storms=[{at: 1s, share: 5%}, {at: 2s, share: 5%, silence: 3s}]'],
    'key storms.1.silence has no effect, because notice is reset: phones know at once; remove it or set notice=silent',
    ['storms.1.notice=silent'],
  ],
  [
    ['presence.watchers=10%', 'switch.presence.watchMax=4'],
    'keys presence.watchers and switch.presence.watchMax have no effect, because presence.watch is 0; remove them or set presence.watch',
    ['presence.watch=2'],
  ],
  [
    ['presence.backgroundTime=1s'],
    'because presence.background is 0; remove it or set presence.background',
    ['presence.background=5/s'],
  ],
  [
    ['curve.day=1m', 'curve.start=3h'],
    'keys curve.day and curve.start have no effect, because curve.hours is empty; remove them or set curve.hours',
    [`curve.hours=[${Array(24).fill('50%')}]`],
  ],
  [
    ['switch.store.threads=2', 'switch.store.loss.time=1s'],
    'keys switch.store.threads and switch.store.loss.time have no effect, because switch.durability is none; remove them or set switch.durability',
    ['switch.durability=async'],
  ],
  [
    ['switch.durability=fsync', 'switch.store.loss.bytes=1MiB'],
    'because switch.durability is fsync: a crash loses nothing; remove it or set switch.durability=async',
    ['switch.durability=async'],
  ],
  [
    ['switch.durability=async', 'switch.store.buffer=1MiB', 'switch.store.acknowledgements=100'],
    'because switch.durability is async: no ✓ waits for the disk; remove them or set switch.durability=fsync',
    ['switch.durability=fsync'],
  ],
  [
    ['switch.admission.logins.burst=5'],
    'because switch.admission.logins.rate is none; remove it or set switch.admission.logins.rate',
    ['switch.admission.logins.rate=5k'],
  ],
  [
    ['transport=tcp', 'switch.placement=home', 'sockets.listen=shared'],
    'because switch.placement is home: each shard has a port of its own; remove it or set switch.placement=any',
    ['switch.placement=any'],
  ],
  [
    ['sockets.portsPerSource=100'],
    'because no storm asks for the addresses of simulated phones; remove it or set transport=tcp, tun, node-tcp or ws',
    ['storms=[{at: 1s, addresses: 127.1.0.0/16}]'],
  ],
  [
    ['transport=tcp', 'sockets.host=10.1.2.3', 'sockets.portsPerSource=100'],
    'because the switch is not on loopback: the kernel chooses the source address; remove it or set sockets.host=127.0.0.1',
    ['sockets.host=127.0.0.2'],
  ],
  [
    [...OVER_TUN, 'network.cells=10'],
    'because there is no outage of cells; remove it or set network.outages',
    ['network.outages=[{at: 1s, duration: 1s, cells: 10%}]'],
  ],
  [
    [...OVER_TUN, 'network.held=2048'],
    'because there are no links and no outages; remove it or set network.links',
    ['network.links=3g'],
  ],
  [
    [...OVER_TUN, LINKS],
    'key network.links.0.burst has no effect, because burstLoss is 0; remove it or set its burstLoss',
    ['network.links.0.preset=edge'],
  ],
  [
    ['http.accounts=4', 'http.limits.rate=5k', 'http.load.text=8B'],
    'keys http.accounts, http.limits.rate and http.load.text have no effect, because http.port is none: there is no HTTP side; remove them or set http.port=0',
    ['http.port=0', 'http.load.rate=5/s'],
  ],
  [
    ['http.port=0', 'http.load.connections=2'],
    'because http.load.rate is 0; remove it or set http.load.rate',
    ['http.load.rate=5/s'],
  ],
  [
    ['phases.calibrate=false', 'phases.calibration=1s'],
    'key phases.calibration has no effect, because phases.calibrate is false; remove it or set phases.calibrate=true',
    ['phases.calibrate=true'],
  ],
];

describe('a key that is set and does nothing', () => {
  for (const [sets, says, remedy] of DEAD) {
    it(`is named with its reason, and no longer once it does something: ${sets.join(' ')}, ${remedy.join(' ')}`, () => {
      const [line, ...others] = linesOf(BASE, ...sets);
      assert.deepEqual(others, []);
      assert.ok(line?.includes(says), line);
      assert.match(line ?? '', /^--set /);
      assert.deepEqual(linesOf(BASE, ...sets, ...remedy), []);
    });
  }

  it('is found at its place in the file', () => {
    const text = `${BASE}storms: [{at: 1s, share: 5%, silence: 3s}]\n`;
    assert.match(linesOf(text).join('\n'), /^x\.yaml:6:39: key storms\.0\.silence has no effect, because /);
  });

  it('is named with all others that have the same reason, also where an alias stands for it', () => {
    const text = `${BASE}switch: {store: {threads: 2, file: 1MiB}}
storms: [{at: 1s, share: 5%, silence: &time 3s}, {at: 2s, share: 5%, silence: *time}]
`;
    const [storms, stores, ...others] = linesOf(text);
    assert.match(stores ?? '', /keys switch\.store\.threads and switch\.store\.file have no effect/);
    assert.match(storms ?? '', /keys storms\.0\.silence and storms\.1\.silence have no effect/);
    assert.deepEqual(others, []);
  });

  it('is never one that only has its default', () => {
    for (const transport of TRANSPORT_NAMES) assert.deepEqual(linesOf(BASE, `transport=${transport}`), [], transport);
  });

  it('is not named to those who switch off what it belongs to for this run', () => {
    const text = `${BASE}phases: {calibration: 1s}\npresence: {watch: 2, watchers: 10%}\n`;
    assert.deepEqual(linesOf(text, 'phases.calibrate=false', 'presence.watch=0'), []);
    assert.equal(linesOf(text.replace('calibration: 1s', 'calibrate: false, calibration: 1s')).length, 1);
    assert.equal(linesOf(text, 'phases.calibrate=false', 'phases.calibration=2s').length, 1, 'set in vain here');
  });
});

it('a key of simulations is named to those who set it for a run, and is fine in a file for both', () => {
  assert.deepEqual(linesOf(`${BASE}simulate: {time: 5s, faults: {halfOpen: 1/s}}\n`), []);
  assert.deepEqual(linesOf(BASE, 'simulate.time=5s'), [
    '--set simulate.time=5s: key simulate.time has no effect, because only simulations read it; remove it or use trunkline simulate',
  ]);
});

describe('a key of another transport', () => {
  it('is named over a transport that does not read it, with those that do', () => {
    const text = `${BASE}sockets: {backlog: 9, spins: 3}\nws: {maxPayload: 4KiB}\n`;
    assert.deepEqual(linesOf(text, 'transport=memory'), [
      'x.yaml:6:20: keys sockets.backlog and sockets.spins have no effect, because transport is memory; remove them or set transport=tcp, tun, node-tcp or ws',
      'x.yaml:7:18: key ws.maxPayload has no effect, because transport is memory; remove it or set transport=ws',
    ]);
    assert.deepEqual(linesOf(text, 'transport=ws'), []);
    for (const transport of ['node-tcp', 'ws']) {
      const [line = ''] = linesOf(BASE, 'sockets.outputPool=1MiB', `transport=${transport}`);
      assert.ok(line.endsWith(`because transport is ${transport}; remove it or set transport=tcp or tun`), line);
    }
    const ofTun = ['tun.queue=100', 'network.cells=5'].map((set) => linesOf(BASE, set, 'transport=tcp').join());
    for (const line of ofTun) assert.match(line ?? '', /because transport is tcp; remove it or set transport=tun$/);
    assert.match(linesOf(BASE, 'idle.spins=9', 'transport=tcp').join(), /idle\.spins .* or set transport=memory$/);
  });

  it('is in the table of transports, whichever key it is', () => {
    const read = TRANSPORT_NAMES.flatMap((name) => TRANSPORTS[name].reads);
    for (const section of ['rings', 'idle', 'sockets', 'tun', 'ws']) {
      for (const key of keysAt(scenarioSchema, [section]))
        assert.ok(read.includes(section) || read.includes(`${section}.${key}`), `${section}.${key}`);
    }
    for (const key of read) assertIsKey(key);
  });
});

describe('a key without effect of a scenario with steps', () => {
  const STEPS = `${BASE.replace('rate: 1k', 'rate: 1k, retryMax: 5s')}steps:
  - {name: plain, set: {login.backoff: none}}
  - {name: jitter, set: {login.backoff: full-jitter}}
  - {name: vain, set: {login.backoff: decorrelated, sockets.spins: 3}}
`;

  it('is one that no step uses', () => {
    for (const only of [['plain', 'jitter'], ['plain']])
      assert.deepEqual(linesOfSteps(STEPS, only), [], 'a step uses it, also if that does not run');
    const [line, ...others] = linesOfSteps(STEPS.replaceAll(/backoff: .*?([,}])/g, 'backoff: none$1'), ['plain']);
    assert.match(line ?? '', /^x\.yaml:4:29: key login\.retryMax has no effect/);
    assert.deepEqual(others, []);
  });

  it('is one that a step sets in vain, if that step runs', () => {
    assert.deepEqual(linesOfSteps(STEPS), [
      'x.yaml:9:53: step "vain": key sockets.spins has no effect, because transport is memory; remove it or set transport=tcp, tun, node-tcp or ws',
    ]);
  });

  it('is one from the command line that no step uses of those that run', () => {
    const set = ['login.retryMax=9s'];
    assert.deepEqual(linesOfSteps(STEPS, ['plain', 'jitter'], set), []);
    assert.match(
      linesOfSteps(STEPS, ['plain'], set).join('\n'),
      /^--set login\.retryMax=9s: key login\.retryMax has no/,
    );
  });
});

describe('the scenarios that are shipped', () => {
  for (const folder of ['../../scenarios/', '../../scenarios/templates/'].map(
    (path) => new URL(path, import.meta.url),
  )) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'rules.yaml')) {
      it(`${file} has no key without effect`, () => {
        const text = readFileSync(new URL(file, folder), 'utf8');
        assert.deepEqual([...linesOf(text), ...linesOfSteps(text)], []);
      });
    }
  }
});

it('rules are about keys that there are', () => {
  for (const { keys, by } of UNUSED_KEY_RULES) for (const key of [...keys, ...by]) assertIsKey(key);
});

/** Fails unless the schema has this key, with `*` for any item of a list. Items of two lists may be values instead. */
function assertIsKey(key: string): void {
  const path = key.split('.');
  const [place] = path.map((part, n) => (part === '*' ? n : -1)).filter((n) => n >= 0);
  const isOfUnion = place !== undefined && keysAt(scenarioSchema, path.slice(0, place + 1)).length === 0;
  if (isOfUnion) return;
  assert.ok(keysAt(scenarioSchema, path.slice(0, -1)).includes(path.at(-1) ?? ''), key);
}
