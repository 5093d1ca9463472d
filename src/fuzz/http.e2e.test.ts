/**
 * The HTTP side of a switch under hostile clients: it lives, its limits hold, a polite client and the phones' side go
 * on, and afterwards nothing is left open. TEST_SEED repeats the streams of a run that failed.
 */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { checkLeftovers } from '../measure/leftovers.test-suite.ts';
import { resetSocket } from '../transport/stream/reset-socket.ts';
import { drawSeed } from './draws.test-suite.ts';
import { type HttpStream, httpStream } from './http-stream.test-suite.ts';
import { PAIR_ACCOUNTS, PAIR_FIRST, PolitePair } from './polite-pair.test-suite.ts';
import { ServedSwitch } from './served-switch.test-suite.ts';

const STREAMS = 500;
const AT_A_TIME = 40;
/** A client that reads waits for an answer, or for the end that the server puts to half a request; at most so long. */
const SILENCE_MILLIS = 4000;
/** One each 50 ms: several times the time-outs of requests and answers. */
const LOOKS_MAX = 1200;
const seed = drawSeed(process.env['TEST_SEED']);
/** Ours, and those of Node: to go on (100), and an expectation that it does not know (417). */
const STATUSES = new Set([100, 200, 201, 400, 401, 404, 405, 408, 413, 415, 417, 429, 431, 503, 504]);
const ARGUMENTS = [
  ...['--transport', 'node-tcp', '--shards', '2', '--connections', '100', '--http', '0'],
  ...['--numbers', '447700000000+100', '--numbers', `${PAIR_FIRST}+${PAIR_ACCOUNTS}`],
  ...['--set', 'http.limits.requestTimeout=2s', '--set', 'http.limits.connections=200'],
  ...['--set', 'switch.mailbox.messagesPerAccount=50', '--set', 'phases.bin=100ms'],
];

class HostileClients {
  readonly #port: number;
  readonly statuses = new Map<number, number>();
  #next = 0;

  constructor(port: number) {
    this.#port = port;
  }

  async run(): Promise<void> {
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        while (this.#next < STREAMS) await this.#say(httpStream(seed, this.#next++));
      }),
    );
  }

  async #say(stream: HttpStream): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => {}); // being thrown out is what is expected
    const closed = new Promise((resolve) => socket.once('close', resolve));
    if (stream.reads) socket.on('data', (data) => this.#note(data.toString('latin1')));
    socket.write(stream.bytes.subarray(0, stream.cutAt));
    await pause(stream.pauseMillis);
    if (socket.writable) socket.write(stream.bytes.subarray(stream.cutAt));
    const heard = new Promise((resolve) => socket.once('data', resolve));
    await Promise.race([heard, closed, pause(stream.reads ? SILENCE_MILLIS : stream.pauseMillis)]);
    end(socket, stream);
    await closed;
  }

  #note(text: string): void {
    for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      this.statuses.set(Number(status), (this.statuses.get(Number(status)) ?? 0) + 1);
    }
  }
}

function end(socket: Socket, { end: how }: HttpStream): void {
  if (how === 'rst') resetSocket(socket);
  else if (how === 'fin') socket.end(() => socket.destroy());
  else socket.destroy();
}

async function metric(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } })).text();
  return Number(new RegExp(`^trunkline_http_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

describe('the HTTP side that is fuzzed', () => {
  checkLeftovers();

  it('lives, answers with its own statuses only, and leaves phones and other clients alone', async (test) => {
    test.diagnostic(`TEST_SEED=${seed}`);
    const served = await ServedSwitch.start(ARGUMENTS);
    test.after(() => served.kill());
    const port = served.httpPort ?? 0;
    const pair = await PolitePair.online(served.ports, false);
    const polite = pair.run();
    const crowd = new HostileClients(port);
    await Promise.race([crowd.run(), polite]);
    pair.stop();
    await polite;
    assert.ok(pair.exchanged > 0, 'the phones wrote to each other');
    test.diagnostic(`answers: ${JSON.stringify([...crowd.statuses].sort())}`);
    for (const status of crowd.statuses.keys()) assert.ok(STATUSES.has(status), `status ${status}`);
    for (const status of [201, 400, 404, 413, 431]) assert.ok((crowd.statuses.get(status) ?? 0) > 0, `no ${status}`);
    assert.ok(served.isAlive, served.said);
    // The one that asks is open itself; the others end, the slow ones by their time-out.
    const isOpen = async (): Promise<boolean> =>
      (await metric(port, 'open_requests')) > 1 || (await metric(port, 'messages_unanswered')) > 0;
    for (let look = 0; look < LOOKS_MAX && (await isOpen()); look++) await pause(50);
    assert.equal(await isOpen(), false, 'requests are still open');
    const { code } = await served.stop();
    assert.equal(code, 0, served.said);
  });
});
