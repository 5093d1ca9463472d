/**
 * The bounds of every key with a number: the smallest and the largest value are taken, and those beyond are refused
 * with the setting, the kind of value that is expected, and the bounds as they would be written. Bounds are stated here
 * once more, because they are promises: a scenario that was valid stays valid.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrunklineError } from '../../base/errors.ts';
import { parseScenario, type Scenario } from '../scenario.ts';

const MINIMUM = `name: test
description: A scenario for tests
phones: {count: 10k, offline: 0%, heartbeat: none, session: none}
login: {rate: 1k}
traffic: {rate: 100, payload: 64B}
`;
const parse = (...settings: string[]): Scenario => parseScenario(MINIMUM, 'x.yaml', settings);

/** What a message calls each kind of value. */
const COUNT = 'a whole number such as 1000, 250k or 1M';
const RATE = 'events per second such as 1000 or 50k/s';
const TIME = 'a duration such as 500ms, 10s or 1h30m';
const TIME_OR_NONE = 'a duration such as 10s or 1h30m, or none';
const SIZE = 'a size with its unit such as 64B, 256KiB or 1MiB';
const SHARE = 'a share such as 0.05 or 5%';

/** A value as it is written, and as the program has it. */
type Value = readonly [written: string, number: number];
/** A value that is refused; null where there is no such bound. */
type Beyond = string | null;
type Row = readonly [key: string, least: Value, below: Beyond, most: Value, above: Beyond];

const thread = (key: string): Row => [key, ['1', 1], '0', ['512', 512], '513'];
const ring = (key: string, least: Value, below: string): Row => [key, least, below, ['1GiB', 2 ** 30], '1073741825B'];
/** A time without a largest value. */
const long = (key: string, least: Value, below: Beyond): Row => [key, least, below, ['9600h', 34_560_000e6], null];
const time = (key: string, least: Value, below: Beyond, most: Value): Row => [
  key,
  least,
  below,
  most,
  `${most[1] + 1}us`,
];
const shareOf = (key: string): Row => [key, ['0', 0], null, ['100%', 1], '100.1%'];

const KINDS: readonly [what: string, rows: readonly Row[]][] = [
  [
    COUNT,
    [
      ['seed', ['0', 0], null, ['2147483647', 2 ** 31 - 1], '2147483648'],
      ['phones.count', ['8', 8], '7', ['500M', 5e8], '500000001'],
      ['login.attempts', ['1', 1], '0', ['1000', 1000], '1001'],
      ['phases.calibrationPhones', ['64', 64], '63', ['1G', 1e9], null],
      ['phases.levels', ['6', 6], '5', ['32', 32], '33'],
      ['presence.watch', ['0', 0], null, ['4', 4], '5'],
      thread('driver.lanes'),
      ['driver.messagesInFlight', ['1024', 1024], '1023', ['268435456', 2 ** 28], '268435457'],
      thread('switch.shards'),
      ['switch.mailbox.messagesPerAccount', ['1', 1], '0', ['65535', 65_535], '65536'],
      ['switch.mailbox.blocks', ['64', 64], '63', ['536870911', 2 ** 29 - 1], '536870912'],
      ['switch.mailbox.deliveryWindow', ['1', 1], '0', ['128', 128], '129'],
      ['switch.questions', ['16', 16], '15', ['65536', 65_536], '65537'],
      ['switch.inputsPerTurn', ['16', 16], '15', ['65536', 65_536], '65537'],
      ['switch.partialFrames', ['1', 1], '0', ['65536', 65_536], '65537'],
      ['switch.presence.watchMax', ['1', 1], '0', ['1024', 1024], '1025'],
      ['switch.presence.watches', ['16', 16], '15', ['268435456', 2 ** 28], '268435457'],
      ['switch.admission.logins.burst', ['1', 1], '0', ['1G', 1e9], '1000000001'],
      ['switch.store.threads', ['1', 1], '0', ['64', 64], '65'],
      ['switch.store.acknowledgements', ['16', 16], '15', ['16777216', 2 ** 24], '16777217'],
      ['switch.store.idWindows', ['4', 4], '3', ['268435456', 2 ** 28], '268435457'],
      ['sockets.port', ['0', 0], null, ['65535', 65_535], '65536'],
      ['sockets.backlog', ['1', 1], '0', ['65535', 65_535], '65536'],
      ['sockets.connecting', ['1', 1], '0', ['65536', 65_536], '65537'],
      ['sockets.acceptBatch', ['1', 1], '0', ['4096', 4096], '4097'],
      ['sockets.eventBatch', ['2', 2], '1', ['4096', 4096], '4097'],
      ['sockets.portsPerSource', ['1', 1], '0', ['28000', 28_000], '28001'],
      ['sockets.spins', ['0', 0], null, ['1G', 1e9], '1000000001'],
      ['idle.spins', ['0', 0], null, ['1G', 1e9], '1000000001'],
      ['tun.queue', ['64', 64], '63', ['1M', 1e6], '1000001'],
      ['network.cells', ['1', 1], '0', ['1M', 1e6], '1000001'],
      ['network.held', ['1024', 1024], '1023', ['16M', 16e6], '16000001'],
      ['http.port', ['0', 0], null, ['65535', 65_535], '65536'],
      ['http.accounts', ['1', 1], '0', ['2048', 2048], '2049'],
      ['http.limits.burst', ['1', 1], '0', ['1M', 1e6], '1000001'],
      ['http.limits.openRequests', ['1', 1], '0', ['8192', 8192], '8193'],
      ['http.limits.connections', ['1', 1], '0', ['16384', 16_384], '16385'],
      ['http.load.connections', ['1', 1], '0', ['4096', 4096], '4097'],
      ['groups.count', ['0', 0], null, ['4M', 4e6], '4000001'],
      ['groups.lists.count', ['0', 0], null, ['10000', 10_000], null],
      ['groups.size', ['1', 1], '0', ['65535', 65_535], '65536'],
      ['groups.sizeMax', ['1', 1], '0', ['65535', 65_535], '65536'],
    ],
  ],
  [
    RATE,
    [
      ['login.rate', ['1', 1], '0.9', ['1G', 1e9], null],
      ['traffic.rate', ['0', 0], null, ['1G/s', 1e9], null],
      ['presence.background', ['0', 0], null, ['0.5/s', 0.5], null],
      ['switch.admission.logins.rate', ['1', 1], '0.9', ['1G', 1e9], '1000000001'],
      ['groups.joins', ['0', 0], null, ['0/s', 0], null],
      ['misfits.duplicateConnects', ['0', 0], null, ['2.5/s', 2.5], null],
      ['http.limits.rate', ['1', 1], '0.5', ['1M', 1e6], null],
      ['simulate.faults.connectionsLost', ['0', 0], null, ['1k', 1000], null],
      ['simulate.faults.switchCrashes', ['0', 0], null, ['0.5/s', 0.5], null],
    ],
  ],
  [
    TIME,
    [
      ['login.timeout', ['1ms', 1000], '999us', ['30m', 1800e6], null],
      ['login.retry', ['1ms', 1000], '999us', ['15m', 900e6], '901s'],
      ['login.retryMax', ['1ms', 1000], '999us', ['15m', 900e6], '901s'],
      long('phones.away', ['0s', 0], null),
      time('traffic.deliverWithin', ['1ms', 1000], '999us', ['1m', 60e6]),
      long('phases.calibration', ['200ms', 200_000], '199ms'),
      time('phases.bin', ['50ms', 50_000], '49ms', ['10s', 10e6]),
      long('phases.settle', ['0s', 0], null),
      long('phases.measure', ['500ms', 500_000], '499ms'),
      long('phases.drain', ['0s', 0], null),
      long('presence.backgroundTime', ['1ms', 1000], '999us'),
      time('idle.nap', ['0us', 0], null, ['100ms', 1e5]),
      time('idle.park', ['20us', 20], '19us', ['1s', 1e6]),
      long('curve.day', ['1s', 1e6], '999ms'),
      time('curve.start', ['0s', 0], null, ['24h', 86_400e6]),
      long('switch.mailbox.redelivery', ['1ms', 1000], '999us'),
      long('switch.loginTimeout', ['1ms', 1000], '999us'),
      long('switch.timerResolution', ['100us', 100], '99us'),
      time('switch.workPerMessage', ['0us', 0], null, ['1s', 1e6]),
      time('switch.store.loss.time', ['1ms', 1000], '999us', ['1m', 60e6]),
      long('sockets.outputTimeout', ['1ms', 1000], '999us'),
      long('sockets.connectTimeout', ['1ms', 1000], '999us'),
      time('sockets.park', ['1ms', 1000], '999us', ['10s', 10e6]),
      time('sockets.nap', ['0us', 0], null, ['100ms', 1e5]),
      time('http.limits.requestTimeout', ['10ms', 10_000], '9ms', ['10m', 600e6]),
      time('http.limits.answerTimeout', ['10ms', 10_000], '9ms', ['30s', 30e6]),
      long('content.readReceipts.after', ['0s', 0], null),
      long('simulate.time', ['1ms', 1000], '999us'),
      long('simulate.heal', ['1ms', 1000], '999us'),
    ],
  ],
  [
    TIME_OR_NONE,
    [
      ['phones.heartbeat', ['1ms', 1000], '999us', ['none', Number.POSITIVE_INFINITY], null],
      ['phones.session', ['1ms', 1000], '999us', ['none', Number.POSITIVE_INFINITY], null],
      ['switch.heartbeatTimeout', ['1ms', 1000], '999us', ['none', Number.POSITIVE_INFINITY], null],
      ['switch.admission.delay', ['1ms', 1000], '999us', ['none', Number.POSITIVE_INFINITY], null],
    ],
  ],
  [
    SIZE,
    [
      ['traffic.payload', ['16B', 16], '15B', ['2037B', 2037], '2038B'],
      ring('rings.connection', ['128KiB', 131_072], '131071B'),
      ring('switch.inbox', ['64KiB', 65_536], '65535B'),
      ring('switch.store.file', ['64KiB', 65_536], '65535B'),
      ring('sockets.outputPool', ['64KiB', 65_536], '65535B'),
      ['switch.store.loss.bytes', ['16KiB', 16_384], '16383B', ['256MiB', 2 ** 28], '268435457B'],
      ['switch.store.buffer', ['16KiB', 16_384], '16383B', ['16MiB', 2 ** 24], '16777217B'],
      ['switch.store.resident', ['0B', 0], null, ['1024GiB', 2 ** 40], '1025GiB'],
      ['sockets.sendBuffer', ['4KiB', 4096], '4095B', ['64MiB', 2 ** 26], '67108865B'],
      ['sockets.receiveBuffer', ['4KiB', 4096], '4095B', ['64MiB', 2 ** 26], '67108865B'],
      ['sockets.outputLimit', ['4KiB', 4096], '4095B', ['64MiB', 2 ** 26], '67108865B'],
      ['sockets.receive', ['4KiB', 4096], '4095B', ['16MiB', 2 ** 24], '16777217B'],
      ['ws.maxPayload', ['2049B', 2049], '2048B', ['16MiB', 2 ** 24], '16777217B'],
      ['http.limits.body', ['64B', 64], '63B', ['1MiB', 2 ** 20], '1048577B'],
      ['http.limits.headers', ['1KiB', 1024], '1023B', ['64KiB', 65_536], '65537B'],
      ['http.load.text', ['1B', 1], '0B', ['2021B', 2021], '2022B'],
    ],
  ],
  [
    SHARE,
    [
      ...['presence.watchers', 'presence.typing', 'misfits.hotAccount', 'misfits.sentAgain'].map(shareOf),
      ...['content.readReceipts.share', 'content.readReceipts.groupShare', 'simulate.faults.smallTables'].map(shareOf),
      ['phones.offline', ['0%', 0], null, ['0.99', 0.99], null],
    ],
  ],
];

/** Keys that only some values of others allow. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'phones.count': ['driver.lanes=2'],
  'driver.lanes': ['phones.count=10k'],
  'groups.count': ['groups.sizeMax=16'],
  'groups.lists.count': ['groups.sizeMax=16'],
  'groups.size': ['groups.sizeMax=65535', 'phones.count=100k'],
  'groups.sizeMax': ['groups.size=1', 'phones.count=100k'],
  'login.retry': ['login.retryMax=15m'],
  'login.retryMax': ['login.retry=1ms'],
};
/** As many faults as one error names. */
const FAULTS = 10;

/** The value of a key in a checked scenario. */
function readKey(scenario: Scenario, key: string): unknown {
  let here: unknown = scenario.settings;
  for (const part of key.split('.')) here = Object(here)[part];
  return here;
}

function checkTaken(values: readonly (readonly [key: string, value: Value])[]): void {
  const scenario = parse(...values.map(([key, [written]]) => `${key}=${written}`));
  for (const [key, [written, number]] of values) assert.equal(readKey(scenario, key), number, `${key}=${written}`);
}

/** The lines of the error about these settings. */
function refusals(settings: readonly string[]): string[] {
  try {
    parse(...settings);
  } catch (error) {
    assert.ok(error instanceof TrunklineError && error.code === 'SETTING_INVALID', String(error));
    return error.message.split('\n');
  }
  return assert.fail(`an error was expected: ${settings.join(' ')}`);
}

describe('the bounds of keys', () => {
  for (const [what, rows] of KINDS) {
    it(`are taken: ${what}`, () => {
      const alone = rows.filter(([key]) => key in NEEDED);
      const together = rows.filter(([key]) => !(key in NEEDED));
      for (const end of [1, 3] as const) {
        checkTaken(together.map((row) => [row[0], row[end]]));
        for (const row of alone) {
          const scenario = parse(...(NEEDED[row[0]] ?? []), `${row[0]}=${row[end][0]}`);
          assert.equal(readKey(scenario, row[0]), row[end][1], `${row[0]}=${row[end][0]}`);
        }
      }
    });

    it(`are not passed, each by name: ${what}`, () => {
      const faults = rows.flatMap(([key, least, below, most, above]) => [
        ...(below === null ? [] : [{ key, written: below, limit: least }]),
        ...(above === null ? [] : [{ key, written: above, limit: most }]),
      ]);
      for (let first = 0; first < faults.length; first += FAULTS) {
        const some = faults.slice(first, first + FAULTS);
        // The same key may be twice among them: its later value replaces the earlier.
        for (const chosen of [some.filter((_, n) => n % 2 === 0), some.filter((_, n) => n % 2 === 1)]) {
          if (chosen.length === 0) continue;
          const lines = refusals(chosen.map(({ key, written }) => `${key}=${written}`));
          for (const { key, written, limit } of chosen) {
            const line = lines.find((one) => one.startsWith(`--set ${key}=${written}: ${key}: expected `));
            assert.ok(line !== undefined, `${key}=${written} is not in ${lines.join('\n')}`);
            const bounds = / (?:from (\S+) to (\S+)|of at least (\S+)), found/.exec(line)?.slice(1) ?? [];
            assert.ok(line.includes(`${what}, `), line);
            assert.ok(
              limit.some((text) => bounds.includes(String(text))),
              `${limit} is not in ${line}`,
            );
          }
        }
      }
    });
  }

  it('are stated for every key that has a number', () => {
    const stated = new Set(KINDS.flatMap(([, rows]) => rows.map(([key]) => key)));
    /** Without bounds of their own, or with more than a number. */
    const others = [
      ...['phones.contacts', 'traffic.activePhones', 'groups.share', 'groups.lists.share', 'groups.sigma'],
      ...['groups.leaves', 'misfits.stalledReaders', 'misfits.hotGroup', 'http.load.rate'],
    ];
    const numbers = numbersIn(parse('http.port=0').settings).filter((key) => !key.startsWith('simulate.faults.'));
    assert.ok(numbers.length > 80, `${numbers.length} numbers`);
    assert.deepEqual(
      numbers.filter((key) => !stated.has(key) && !others.includes(key)),
      [],
    );
  });
});

/** The names of all keys whose value is a number. */
function numbersIn(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === 'number') return [`${prefix}${key}`];
    return typeof inner === 'object' && inner !== null ? numbersIn(inner, `${prefix}${key}.`) : [];
  });
}
