/**
 * A real shard over a transport, and a phone that says in one chunk as much as it can: messages that take
 * the room towards phones down to the reserve, and then questions whose answers need all of the reserve.
 */
import assert from 'node:assert/strict';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../ring/ring-layout.ts';
import { MailboxIndex } from '../store/mailbox-index.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import { VolatileLog } from '../store/volatile-log.ts';
import { INPUT_ANSWER_BYTES_MAX } from '../switch/phone-output.ts';
import { Shard } from '../switch/shard.ts';
import { SWITCH_COUNTERS, SwitchCounter } from '../switch/terms/switch-counters.ts';
import {
  EMPTY_FRAME_BYTES,
  FrameType,
  messageFrameBytes,
  SERIAL_FRAME_BYTES,
  writeEmptyFrame,
  writeMessage,
} from '../wire/frames.ts';
import { LOGIN_RESULT_FRAME_BYTES, loginFrameBytes, writeLogin } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../wire/placement.ts';
import type { ConnectionEvents, PhoneTransport, Transport } from '../wire/transport.ts';
import { patience } from './patience.test-suite.ts';

interface Ends {
  readonly phones: PhoneTransport;
  readonly shard: Transport;
  readonly settle: () => void | Promise<void>;
}

const FIRST_NUMBER = 1000;
const [TALKER, LISTENER] = [1, 2];
const INBOX_BYTES = 2 ** 16;
/** With the pings behind them 65,353 bytes: nearly all that the ends of the suite, or Node, have in one piece. */
const MESSAGES = 227;
const PAYLOAD_BYTES = 127;
const PINGS = 16_900;

function shardOver(transport: Transport, counters: Float64Array): Shard {
  const memory = RingMemory.ofBytes(ringBytes(INBOX_BYTES));
  const settings = {
    shard: 0,
    sessions: 4096, // connections are numbered by their descriptors over some
    plan: new NumberingPlan([{ first: FIRST_NUMBER, count: 10 }]),
    homes: new Placement(1, HOME_SALT),
    peers: 1,
    heartbeatTimeoutMicros: 60e6,
    loginTimeoutMicros: 60e6,
    redeliveryMicros: 60e6,
    messagesPerAccount: MESSAGES,
    durability: VOLATILE,
    deliveryWindow: MESSAGES,
    questionsMax: 16,
    partialFramesMax: 4,
    watchMax: 4,
    watchesMax: 64,
    keepsWatches: false,
    inputsPerTurn: Math.min(512, Math.floor(transport.roomBytes() / 2 / INPUT_ANSWER_BYTES_MAX)),
    tickMicros: 468_750,
  };
  return new Shard(settings, {
    transport,
    mailboxes: new MailboxIndex(2 * MESSAGES),
    log: new VolatileLog(),
    authenticate: () => true,
    memory,
    inboxes: [new ManyToOneProducer(memory, 0, INBOX_BYTES)],
    inbox: new ManyToOneConsumer(memory, 0, INBOX_BYTES),
    incarnations: [0],
    counters,
    wakeShard: () => {},
  });
}

/** Counts the bytes that each phone hears. */
class Hearing implements ConnectionEvents {
  readonly connections = new Map<number, number>();
  readonly heardBytes = new Map<number, number>();

  opened(token: number, connection: number): void {
    this.connections.set(token, connection);
  }

  refused(): void {
    assert.fail('there is room');
  }

  bytes(token: number, _connection: number, _view: DataView, start: number, end: number): number {
    this.heardBytes.set(token, (this.heardBytes.get(token) ?? 0) + end - start);
    return end - start;
  }

  closed(token: number): void {
    assert.fail(`phone ${token} did nothing wrong`);
  }
}

/** @returns when the talker has heard the answer to all that it said. */
export async function answersOneLargeChunk({ phones, shard: transport, settle }: Ends): Promise<void> {
  const counters = new Float64Array(SWITCH_COUNTERS.length);
  const shard = shardOver(transport, counters);
  const hearing = new Hearing();
  const step = async (): Promise<void> => {
    shard.doWork(0);
    phones.poll(hearing, 64);
    phones.flush();
    await settle();
  };
  const until = async (holds: () => boolean, what: string): Promise<void> => {
    for (const isPatient = patience(); !holds() && isPatient(); ) await step();
    assert.ok(holds(), what);
  };
  /** As many frames in one flush as there is room for. */
  const say = async (token: number, bytes: number, write: (at: number) => void): Promise<void> => {
    const claim = (): number => phones.claim(hearing.connections.get(token) as number, bytes, 0); // it is connected
    let at = claim();
    for (const isPatient = patience(); at < 0 && isPatient(); at = claim()) await step();
    write(at);
    phones.commit();
  };
  for (const token of [TALKER, LISTENER]) {
    phones.connect(0, token);
    await until(() => hearing.connections.has(token), 'it connects');
    await say(token, loginFrameBytes(0), (at) => writeLogin(phones.output, at, FIRST_NUMBER + token, 0, 0));
    await until(() => hearing.heardBytes.get(token) === LOGIN_RESULT_FRAME_BYTES, 'it is logged in');
  }
  for (let id = 1; id <= MESSAGES; id++) {
    await say(TALKER, messageFrameBytes(PAYLOAD_BYTES), (at) => {
      writeMessage(phones.output, at, FrameType.SEND, id, 0, FIRST_NUMBER + LISTENER, PAYLOAD_BYTES);
    });
  }
  for (let n = 0; n < PINGS; n++) {
    await say(TALKER, EMPTY_FRAME_BYTES, (at) => writeEmptyFrame(phones.output, at, FrameType.PING));
  }
  const answers = LOGIN_RESULT_FRAME_BYTES + MESSAGES * SERIAL_FRAME_BYTES + PINGS * EMPTY_FRAME_BYTES;
  await until(() => (hearing.heardBytes.get(TALKER) ?? 0) === answers, 'every message and every ping is answered');
  const delivered = LOGIN_RESULT_FRAME_BYTES + MESSAGES * messageFrameBytes(PAYLOAD_BYTES);
  await until(() => hearing.heardBytes.get(LISTENER) === delivered, 'every message is delivered');
  assert.equal(counters[SwitchCounter.messagesAccepted], MESSAGES);
}
