/**
 * Whole runs in which phones do all that they can: contact lists, countries, platforms with pushes, kinds of messages,
 * read receipts, groups whose members change, broadcast lists, presence, typing, and an event. Over each transport that
 * works here: what is found is the same.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result } from '../../result/result-schema.ts';
import type { TransportName } from '../../scenario/terms/transports.ts';
import { whyNoSystemCalls } from '../../transport/tcp/system/system-calls.ts';
import { whyNoRunOverTun } from '../../transport/tun/device/tun-here.test-suite.ts';
import { smallScenario } from '../sides/small-run.test-suite.ts';
import { PauseRequests } from './control/pause-requests.ts';
import { executeOrder } from './execute-step.ts';
import { prepareRun } from './order/prepare-run.ts';

const SETTINGS = [
  'phases.calibrate=false',
  'traffic.rate=500', // a busy machine carries it over any transport
  'phones.heartbeat=1s',
  'phones.contacts={distribution: lognormal, median: 8, sigma: 0.8, max: 64}',
  'countries=whatsapp-2014',
  'platforms=[{name: stays, share: 60%, heartbeat: 200ms, session: none, content: {text: 2}}, {name: sleeps, share: 40%, heartbeat: 1s, session: 400ms, sigma: 1, away: 1s, push: {delay: 20ms, session: 200ms}}]',
  'content={kinds: whatsapp-2014, readReceipts: {share: 50%, groupShare: 50%, after: 20ms}}',
  'groups={count: 20, size: 10, sigma: 0.5, sizeMax: 40, share: 30%, joins: 40/s, leaves: 40/s, lists: {count: 40, share: 50%}}',
  'presence={watch: 1, background: 40/s, backgroundTime: 50ms, typing: 20%}',
  'events=[{name: goal, at: 200ms, rise: 100ms, duration: 600ms, messages: +50%}]',
];
const TRANSPORTS: readonly { readonly transport: TransportName; readonly skip: string | false }[] = [
  { transport: 'memory', skip: false },
  { transport: 'tcp', skip: whyNoSystemCalls() ?? false },
  { transport: 'tun', skip: whyNoRunOverTun() },
  { transport: 'node-tcp', skip: false },
  { transport: 'ws', skip: false },
];

async function run(transport: TransportName): Promise<Result> {
  const { order } = prepareRun(smallScenario(`transport=${transport}`, ...SETTINGS), 'small.yaml', null);
  const ignore = (): void => {};
  const listener = { phase: ignore, interval: ignore, event: ignore, reading: ignore, calibrated: ignore };
  return executeOrder(order, listener, new AbortController().signal, new PauseRequests());
}

/** All messages are found, to phones and to members. */
function assertWhole({ integrity }: Result): void {
  assert.equal(integrity.isSound, true, JSON.stringify(integrity));
  const { lost, duplicated, reordered, corrupted, strangers, groups } = integrity;
  assert.deepEqual({ lost, duplicated, reordered, corrupted, strangers }, NO_FAULTS);
  assert.ok(groups !== null && groups.recipients > 0 && groups.lost === 0, JSON.stringify(groups));
  assert.ok((integrity.orderCheckedShare ?? 0) > 0.5, 'the table of pairs has room for most of them');
}

const NO_FAULTS = { lost: 0, duplicated: 0, reordered: 0, corrupted: 0, strangers: 0 };

/** Each thing that phones do was done, by its figure. */
function assertAllDone({ content, presence, platforms, counters, series }: Result): void {
  const { driver } = counters;
  for (const name of ['groupJoins', 'groupLeaves', 'typingReceived', 'backgrounds', 'heartbeats', 'returns'])
    assert.ok((driver[name] ?? 0) > 0, name);
  assert.ok((presence?.subscriptions ?? 0) > 0 && (driver.presenceNotices ?? 0) > 0);
  assert.ok((content?.readReceipts?.received ?? 0) > 0 && content?.readReceipts?.lost === 0);
  assert.ok(content?.kinds.some(({ blobBytesMean }) => blobBytesMean !== null));
  const [stays, sleeps] = platforms;
  assert.ok(stays !== undefined && sleeps !== undefined);
  assert.deepEqual([stays.sessions, stays.pushes], [stays.connections, 0], 'one session each, and no push');
  assert.ok(sleeps.sessions > sleeps.connections && sleeps.pushes > 0, JSON.stringify(sleeps));
  assert.ok(stays.messagesDelivered > 0 && sleeps.messagesDelivered > 0);
  assert.ok(
    series.events.some(({ name, detail }) => name === 'event' && detail === 'goal'),
    'the event is a mark',
  );
}

describe('phones that do all that phones can', () => {
  for (const { transport, skip } of TRANSPORTS)
    it(`lose nothing, and all of it is in the result, over ${transport}`, { skip }, async () => {
      const result = await run(transport);
      assert.equal(result.scenario.transport, transport);
      assertWhole(result);
      assertAllDone(result);
    });
});
