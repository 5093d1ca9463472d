/**
 * The system calls of a switch with a store, under strace: before each ✓ leaves it, and before each delivery, a sync of
 * the file that has the message is over. Killing a process cannot show this, because the system keeps what it has
 * written.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { freePort } from '../../measure/free-port.test-suite.ts';
import { eventually } from '../../measure/leftovers.test-suite.ts';
import { FrameType, HEADER_BYTES, headerBodyBytes, headerType, payloadStart, readSerial } from '../../wire/frames.ts';
import { RunningCommand } from './support/command.test-suite.ts';
import { RecordingPhone } from './support/recording-phone.test-suite.ts';
import { readTrace, type SystemCall } from './support/system-call-trace.test-suite.ts';

const ROUNDS = 25;
/** Messages of each phone in a round, which share a sync with those of the other. */
const BURST = 3;
const PHONES = 3;
const TRACED = [
  'strace',
  '-f',
  '--seccomp-bpf',
  '-qq',
  '-xx',
  '-s',
  '65536',
  '-e',
  'trace=pwrite64,fdatasync,sendto,recvfrom',
  '-o',
  'calls',
];

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trunkline-traced-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Why the system calls of a process cannot be seen here; null if they can. */
function whyNoTrace(): string | null {
  const { error, status, stderr } = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { encoding: 'utf8' });
  if (status === 0) return null;
  if (error !== undefined && process.env['CI'] !== undefined) throw error; // it is installed there (.ci/run)
  return error?.message ?? stderr;
}

/** Phones 0 and 1 write to phone 2 in bursts; the switch is killed when everything has its ✓. @returns its calls. */
async function callsOf(durability: string): Promise<SystemCall[]> {
  const port = await freePort();
  const options = ['--listen', `127.0.0.1:${port}`, '--auth', 'none', '--shards', '1', '--store', durability];
  const settings = [`switch.durability=${durability}`, 'sockets.hold=descriptors'].flatMap((key) => ['--set', key]);
  const command = new RunningCommand(['serve', ...options, ...settings], folder, {}, null, TRACED);
  await command.says(/Listening on/);
  const phones = await Promise.all(Array.from({ length: PHONES }, (_, n) => RecordingPhone.connect(port, n)));
  await eventually(
    () => phones.every(({ isOnline }) => isOnline),
    () => `logins are not answered: ${command.stderr}`,
  );
  const [one, other, recipient] = phones as [RecordingPhone, RecordingPhone, RecordingPhone];
  for (let round = 0; round < ROUNDS; round++) {
    for (let n = 0; n < BURST; n++)
      for (const [place, phone] of [one, other].entries()) phone.send(2, textOf(place, round * BURST + n));
    await eventually(
      () => one.unanswered + other.unanswered === 0 && recipient.shown.length === 2 * BURST * (round + 1),
      () => `round ${round}: ${one.unanswered} and ${other.unanswered} unanswered, ${recipient.shown.length} shown`,
    );
  }
  for (const phone of phones) phone.hangUp();
  const [child] = readFileSync(`/proc/${command.child.pid}/task/${command.child.pid}/children`, 'utf8').split(' ');
  process.kill(Number(child), 'SIGTERM');
  await command.outcome;
  return readTrace(readFileSync(join(folder, 'calls'), 'utf8'));
}

/** No text is part of another. */
function textOf(phone: number, number: number): string {
  return `<${phone} ${number}>`;
}

/** A frame with a message, or about one. */
interface Told {
  readonly call: SystemCall;
  readonly type: number;
  readonly serial: number;
  /** Empty in a ✓. */
  readonly text: string;
}

/** The frames about messages in the calls of a name; each call has whole frames, since phones say little at once. */
function framesOf(calls: readonly SystemCall[], name: string): Told[] {
  return calls
    .filter((call) => call.name === name && call.result > 0)
    .flatMap((call) => {
      const view = new DataView(call.bytes.buffer, call.bytes.byteOffset, call.bytes.length);
      const frames: Told[] = [];
      for (let at = 0; at + HEADER_BYTES <= call.bytes.length; ) {
        const header = view.getUint16(at, true);
        const body = at + HEADER_BYTES;
        at = body + headerBodyBytes(header);
        const type = headerType(header);
        if (type === FrameType.ACKNOWLEDGED) frames.push({ call, type, serial: readSerial(view, body), text: '' });
        if (type !== FrameType.SEND && type !== FrameType.DELIVER) continue;
        const text = call.bytes.subarray(payloadStart(body), at).toString();
        frames.push({ call, type, serial: readSerial(view, body), text });
      }
      return frames;
    });
}

/** Whether a sync that followed the write of a text had succeeded when a call began. */
function isSynced(calls: readonly SystemCall[], text: string, before: SystemCall): boolean {
  const write = calls.find(({ name, bytes }) => name === 'pwrite64' && bytes.includes(text));
  if (write === undefined) return false;
  return calls.some(
    ({ name, descriptor, thread, result, begins, ends }) =>
      name === 'fdatasync' &&
      descriptor === write.descriptor &&
      thread === write.thread &&
      result === 0 &&
      begins > write.ends &&
      ends < before.begins,
  );
}

/** What the switch told of messages, ✓ or delivery, with their texts. */
function promisesOf(calls: readonly SystemCall[]): Told[] {
  const sent = framesOf(calls, 'recvfrom').filter(({ type }) => type === FrameType.SEND);
  return framesOf(calls, 'sendto').map((told) => {
    const isOf = ({ call, serial }: Told): boolean =>
      call.descriptor === told.call.descriptor && serial === told.serial;
    return told.type === FrameType.DELIVER ? told : { ...told, text: sent.find(isOf)?.text ?? '' };
  });
}

describe('a switch with a store, by its system calls', () => {
  const messages = 2 * BURST * ROUNDS;
  const traced = async (t: TestContext, durability: string): Promise<SystemCall[] | undefined> => {
    const why = whyNoTrace();
    if (why === null) return callsOf(durability);
    t.skip(`system calls cannot be traced here: ${why}`);
    return undefined;
  };

  it('sends each ✓ and each message after the sync of its record is over, with fsync', async (t) => {
    const calls = await traced(t, 'fsync');
    if (calls === undefined) return;
    const promises = promisesOf(calls);
    for (const type of [FrameType.ACKNOWLEDGED, FrameType.DELIVER]) {
      const texts = promises.filter((told) => told.type === type).map(({ text }) => text);
      assert.equal(new Set(texts).size, messages, 'each message has its ✓, and was delivered');
    }
    const early = promises.filter(({ text, call }) => text === '' || !isSynced(calls, text, call));
    assert.deepEqual(early, []);
    const syncs = calls.filter(({ name }) => name === 'fdatasync').length;
    t.diagnostic(`${messages} messages, ${syncs} syncs`);
  });

  it('does not wait for it with async, which this test would notice', async (t) => {
    const calls = await traced(t, 'async');
    if (calls === undefined) return;
    const early = promisesOf(calls).filter(({ text, call }) => text !== '' && !isSynced(calls, text, call));
    assert.ok(early.length > 0);
  });
});
