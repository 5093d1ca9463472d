/**
 * A separate process, for tests of properties of whole processes: that one ends when its sockets have ended, and how it
 * works with few file descriptors.
 */
import assert from 'node:assert/strict';
import { nodeTcpEnds } from '../node-tcp/node-tcp-ends.test-suite.ts';
import { wsEnds } from '../ws/ws-ends.test-suite.ts';
import {
  EchoOwner,
  type EventEnds,
  HearingPhones,
  LOOPBACK,
  makeWorld,
  settingsFor,
  until,
} from './event-world.test-suite.ts';

const KINDS: Readonly<Record<string, EventEnds>> = {
  'node-tcp': nodeTcpEnds(false),
  'node-tcp-tls': nodeTcpEnds(true),
  ws: wsEnds(false),
  wss: wsEnds(true),
};
const PHONES = 20;
const CONNECTS = 100;

/** The outcome for phones that tried to connect. */
export interface Fared {
  readonly opened: number;
  /** The reasons why others did not open, each once. */
  readonly reasons: readonly number[];
}

/** Connects phones, ends some in every possible way, then ends all; nothing must be left. */
async function connectAndEnd(kind: EventEnds): Promise<void> {
  const world = await makeWorld(kind, PHONES, () => Number.POSITIVE_INFINITY);
  for (let token = 0; token < PHONES; token++) await world.connect(token);
  const number = (token: number): number => world.hearing.connections.get(token) as number; // it is connected
  world.hearing.say(0, new Uint8Array([1, 2, 3]));
  await until(() => world.hearing.heard.has(0), 'the echo comes', world.step);
  world.phones.vanish(number(1));
  world.phones.close(number(2), 0);
  world.shard.close(world.echo.openings[3] as number, 0); // phone 3 has opened
  world.step();
  await world.close();
  process.stdout.write('ended\n');
}

/** An echoing switch that prints its port, and its counters when its input ends. */
async function serve(kind: EventEnds): Promise<void> {
  const shard = kind.makeSwitch(settingsFor(1000), () => 0);
  const echo = new EchoOwner(shard, () => Number.POSITIVE_INFINITY);
  const { port } = await shard.listen({ host: LOOPBACK, port: 0 });
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  const timer = setInterval(() => echo.work(), 1);
  process.stdin.resume().once('end', () => {
    clearInterval(timer);
    process.stdout.write(`${JSON.stringify(shard.counters)}\n`);
    void shard.shutdown();
  });
}

/** Connects phones to a switch in another process until descriptors are used up, then prints the outcome. */
async function connectMany(kind: EventEnds, port: number): Promise<void> {
  const phones = kind.makePhones(settingsFor(CONNECTS), () => 0);
  const hearing = new HearingPhones(phones);
  phones.setTargets([{ host: LOOPBACK, port }]);
  let started = 0;
  const isOver = (): boolean => hearing.connections.size + hearing.refusals.size === CONNECTS;
  await until(isOver, 'all have connected or not', () => {
    while (started < CONNECTS && phones.connect(0, started)) started++;
    hearing.work();
  });
  const reasons = [...new Set(hearing.refusals.values())];
  process.stdout.write(`${JSON.stringify({ opened: hearing.connections.size, reasons } satisfies Fared)}\n`);
  await phones.shutdown();
}

const [what, name, port] = process.argv.slice(2);
if (what !== undefined) {
  const kind = KINDS[name ?? ''];
  assert.ok(kind !== undefined, `there is no transport ${name}`);
  if (what === 'serve') await serve(kind);
  else if (what === 'connect') await connectMany(kind, Number(port));
  else await connectAndEnd(kind);
}
