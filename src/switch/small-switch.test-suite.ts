/**
 * A switch of a few shards for tests, with phones that do what they are told, right or wrong. Nobody
 * works by itself: a test says which shard does when, so that any order of events can be had.
 */
import { PLAIN_MEMORY } from '../base/table-memory.ts';
import { ManyToOneConsumer, ManyToOneProducer } from '../ring/many-to-one-ring.ts';
import { RingMemory, ringBytes } from '../ring/ring-layout.ts';
import { EndedShard } from '../simulate/world/ended-shard.ts';
import { MailboxIndex } from '../store/mailbox-index.ts';
import type { MailboxLog } from '../store/mailbox-log.ts';
import { VOLATILE } from '../store/mailbox-store.ts';
import type { UsedIds } from '../store/used-ids.ts';
import { VolatileLog } from '../store/volatile-log.ts';
import { MemoryPhoneTransport } from '../transport/memory/memory-phone-transport.ts';
import { MemorySwitchTransport } from '../transport/memory/memory-switch-transport.ts';
import {
  Capability,
  FrameType,
  HEADER_BYTES,
  headerBodyBytes,
  headerType,
  messageFrameBytes,
  writeEmptyFrame,
  writeMessage,
  writeSerialFrame,
} from '../wire/frames.ts';
import { loginFrameBytes, writeLogin } from '../wire/login.ts';
import { NumberingPlan } from '../wire/numbering-plan.ts';
import { HOME_SALT, Placement } from '../wire/placement.ts';
import { READ_FRAME_BYTES, writeRead } from '../wire/read-frames.ts';
import { CloseReason, type ConnectionEvents, type Transport } from '../wire/transport.ts';
import type { Gateway, GatewayListener, GatewayParts } from './gateway.ts';
import { GATEWAY_COUNTERS } from './gateway-counters.ts';
import { Shard } from './shard.ts';
import { type SmallGatewayParts, sayStarted, smallGateway } from './small-gateway.test-suite.ts';
import { sessionWords } from './tables/session-table.ts';
import type { ShardSettings } from './terms/shard-settings.ts';
import { SWITCH_COUNTERS, SwitchCounter, type SwitchCounterName } from './terms/switch-counters.ts';

export interface HeardFrame {
  readonly type: number;
  /** The frame without its header. */
  readonly body: DataView;
}

export interface SmallSwitchSettings extends Partial<Omit<ShardSettings, 'shard' | 'homes' | 'plan'>> {
  readonly shards?: number;
  readonly accounts?: number;
  readonly inboxBytes?: number;
  readonly ringBytes?: number;
  readonly mailboxBlocks?: number;
  /** Business accounts behind the others, before the groups; with any of them the switch has a gateway. */
  readonly businesses?: number;
  /** The log of a shard; a volatile one unless told. */
  readonly makeLog?: (shard: number) => MailboxLog;
  /** What the logs know of the ids of phones; phones are not told unless it is given. */
  readonly usedIds?: UsedIds;
  /** What stands between a shard and its phones. */
  readonly wrapTransport?: (transport: Transport, shard: number) => Transport;
}

const FIRST_NUMBER = 1000;
const NO_CONNECTION = -1;
const POLL_MAX = 1 << 20;
const TICK_MICROS = 78_125;
export const SHARD_SETTINGS = {
  sessions: 16,
  heartbeatTimeoutMicros: 10e6,
  loginTimeoutMicros: 2e6,
  redeliveryMicros: 5e6,
  messagesPerAccount: 8,
  durability: VOLATILE,
  deliveryWindow: 2,
  questionsMax: 16,
  partialFramesMax: 64,
  watchMax: 4,
  watchesMax: 64,
  keepsWatches: true,
  inputsPerTurn: 512,
  tickMicros: TICK_MICROS,
};

export class SmallSwitch implements ConnectionEvents {
  readonly shards: Shard[] = [];
  readonly stores: MailboxIndex[] = [];
  readonly plan: NumberingPlan;
  readonly homes: Placement;
  nowMicros = 0;
  /** Clients that hear nothing, not even that they were closed. */
  isDeaf: (client: number) => boolean = () => false;
  /** What each client has heard since it connected. */
  readonly heard = new Map<number, HeardFrame[]>();
  /** Why the switch closed a client's connection. */
  readonly closedFor = new Map<number, number>();
  readonly #connections = new Map<number, number>();
  readonly gatewayCounters = new Float64Array(GATEWAY_COUNTERS.length);
  readonly #phones: MemoryPhoneTransport;
  /** How often each shard had been started before. */
  readonly #incarnations: Int32Array;
  readonly #makeShard: (shard: number) => void;
  /** What outlasts each shard. */
  readonly #ends: { readonly transport: MemorySwitchTransport; readonly inbox: ManyToOneConsumer }[] = [];
  readonly #gatewayParts: SmallGatewayParts;
  readonly #tickMicros: number;
  #gateway: Gateway | undefined;

  constructor({
    shards = 1,
    accounts = 10,
    inboxBytes = 2 ** 16,
    ringBytes: ringCapacity = 2 ** 17,
    mailboxBlocks = 64,
    businesses = 0,
    makeLog = () => new VolatileLog(),
    usedIds,
    wrapTransport = (transport) => transport,
    ...changes
  }: SmallSwitchSettings = {}) {
    const shape = { lanes: 1, shards, ringBytes: ringCapacity };
    const rings = { shape, memory: RingMemory.ofBytes(MemorySwitchTransport.memoryBytes(shape)) };
    const peers = shards + (businesses > 0 ? 1 : 0);
    const memory = RingMemory.ofBytes(peers * ringBytes(inboxBytes));
    this.plan = new NumberingPlan([
      { first: FIRST_NUMBER, count: accounts + businesses + (changes.groups?.plan.count ?? 0) },
    ]);
    this.homes = new Placement(shards, HOME_SALT, changes.groups?.plan.listOwners);
    this.#phones = new MemoryPhoneTransport(rings, 0, () => {});
    const at = (peer: number): number => peer * ringBytes(inboxBytes);
    const producers = (): ManyToOneProducer[] =>
      Array.from({ length: peers }, (_, to) => new ManyToOneProducer(memory, at(to), inboxBytes));
    this.#incarnations = new Int32Array(peers);
    this.#tickMicros = changes.tickMicros ?? TICK_MICROS;
    this.#makeShard = (shard) => {
      const settings: ShardSettings = {
        ...SHARD_SETTINGS,
        ...changes,
        shard,
        plan: this.plan,
        homes: this.homes,
        peers,
      };
      const mailboxes = new MailboxIndex(mailboxBlocks);
      const words = sessionWords(settings.keepsWatches);
      const transport = new MemorySwitchTransport(rings, shard, settings.sessions, () => {}, PLAIN_MEMORY, words);
      const inbox = new ManyToOneConsumer(memory, at(shard), inboxBytes);
      this.stores[shard] = mailboxes;
      this.#ends[shard] = { transport, inbox };
      this.shards[shard] = new Shard(settings, {
        transport: wrapTransport(transport, shard),
        mailboxes,
        log: makeLog(shard),
        usedIds,
        authenticate: () => true,
        memory,
        inboxes: producers(),
        inbox,
        incarnations: this.#incarnations,
        counters: this.shards[shard]?.counters ?? new Float64Array(SWITCH_COUNTERS.length),
        wakeShard: () => {},
        clock: {
          nowMicros: () => this.nowMicros,
          tell: (into) => {
            into[0] = this.nowMicros;
          },
        },
      });
    };
    for (let shard = 0; shard < shards; shard++) this.#makeShard(shard);
    this.#gatewayParts = {
      shards,
      homes: this.homes,
      firstBusiness: accounts,
      businesses,
      questionsMax: changes.questionsMax ?? 0,
      tickMicros: this.#tickMicros,
      memory,
      producers,
      inbox: () => new ManyToOneConsumer(memory, at(shards), inboxBytes),
      counters: this.gatewayCounters,
    };
  }

  /** Makes the gateway of a switch with businesses, once. It works whenever everyone works. */
  openGateway(listener: GatewayListener, idBefore?: GatewayParts['idBefore']): Gateway {
    this.#gateway = smallGateway(this.#gatewayParts, listener, idBefore);
    return this.#gateway;
  }

  /** Tells the gateway that a shard has started again, as its new incarnation does first. */
  sayStarted(shard: number, incarnation: number): void {
    sayStarted(this.#gatewayParts, shard, incarnation);
  }

  /** A shard ends: all that is in its memory is lost, and its phones learn that their connections are broken. */
  end(shard: number): void {
    const ends = this.#ends[shard];
    if (ends === undefined) throw new Error(`there is no shard ${shard}`);
    const ended = new EndedShard(ends.transport, ends.inbox, this.nowMicros);
    this.#phones.flush();
    while (!ended.doWork()) this.listen();
    this.listen();
    ended.doWork();
    this.#incarnations[shard] = (this.#incarnations[shard] ?? 0) + 1;
  }

  /** A shard that has ended starts again. It says so in its first turns. */
  start(shard: number): void {
    this.#makeShard(shard);
  }

  /** One turn of the gateway, if there is one. */
  workGateway(): number {
    return this.#gateway?.doWorkAt(Math.floor(this.nowMicros / this.#tickMicros)) ?? 0;
  }

  /** The number of the n-th account. */
  number(account: number): number {
    return FIRST_NUMBER + account;
  }

  /** A counter, summed over the shards. */
  count(name: SwitchCounterName): number {
    return this.shards.reduce((sum, shard) => sum + (shard.counters[SwitchCounter[name]] ?? 0), 0);
  }

  /** Rows of sessions that are not free. */
  get rowsUsed(): number {
    const rows = this.shards.flatMap((shard) => shard.ledger()).filter(({ name }) => name === 'sessions');
    return rows.reduce((sum, { rowsUsed }) => sum + rowsUsed, 0);
  }

  /** One turn of a shard, after what phones have said has gone out. @returns what doWork says. */
  work(shard: number): number {
    this.#phones.flush();
    return this.shards[shard]?.doWork(this.nowMicros) ?? 0;
  }

  /** Lets the clients hear at most so many events. @returns how many they heard. */
  listen(limit = POLL_MAX): number {
    const heard = this.#phones.poll(this, limit);
    this.#phones.flush();
    return heard;
  }

  /** Lets everyone work, within a time that does not pass, until nothing is on its way any more. */
  settle(): void {
    for (let idle = 0; idle < 3; ) {
      let done = 0;
      done += this.workGateway();
      for (let shard = 0; shard < this.shards.length; shard++) done += this.work(shard);
      idle = done + this.listen() === 0 ? idle + 1 : 0;
    }
  }

  /** Lets time pass, in steps after each of which everyone works. */
  pass(micros: number, steps: number): void {
    for (let n = 0; n < steps; n++) {
      this.nowMicros += micros / steps;
      this.settle();
    }
  }

  isConnected(client: number): boolean {
    return (this.#connections.get(client) ?? NO_CONNECTION) !== NO_CONNECTION;
  }

  /** Whether a client has asked for a connection, or has one. */
  isThere(client: number): boolean {
    return this.#connections.has(client);
  }

  connect(client: number, shard = 0): void {
    this.#connections.set(client, NO_CONNECTION);
    this.heard.set(client, []);
    this.closedFor.delete(client);
    this.#phones.connect(shard, client);
  }

  /** Connects and logs in as the n-th account, and hears the answer. */
  online(client: number, account: number, shard = 0, minor?: number, capabilities?: number): void {
    this.connect(client, shard);
    this.settle();
    this.say(client, this.login(account, minor, capabilities));
    this.settle();
  }

  say(client: number, bytes: Uint8Array): void {
    const at = this.#phones.claim(this.#connection(client), bytes.length, 0);
    for (const [n, byte] of bytes.entries()) this.#phones.output.setUint8(at + n, byte);
    this.#phones.commit();
  }

  hangUp(client: number): void {
    this.#phones.close(this.#connection(client), CloseReason.PHONE_LEFT);
    this.#connections.delete(client);
  }

  /** The client is gone without a word; the switch is left with half a connection. */
  vanish(client: number): void {
    this.#phones.vanish(this.#connection(client));
    this.#connections.delete(client);
  }

  login(account: number, minor?: number, capabilities: number = Capability.RECEIPTS): Uint8Array {
    const view = new DataView(new ArrayBuffer(loginFrameBytes(0)));
    writeLogin(view, 0, this.number(account), capabilities, 0, minor);
    return new Uint8Array(view.buffer);
  }

  message(id: number, toAccount: number, payloadBytes = 4): Uint8Array {
    const view = new DataView(new ArrayBuffer(messageFrameBytes(payloadBytes)));
    writeMessage(view, 0, FrameType.SEND, id, 0, this.number(toAccount), payloadBytes);
    return new Uint8Array(view.buffer);
  }

  /** A READ of a message by which its author knows it as `id`. */
  read(id: number, author: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(READ_FRAME_BYTES));
    writeRead(view, 0, id, 0, this.number(author));
    return new Uint8Array(view.buffer);
  }

  confirmation(sequence: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(HEADER_BYTES + 4));
    writeSerialFrame(view, 0, FrameType.DELIVERED, sequence);
    return new Uint8Array(view.buffer);
  }

  /** A frame without a body. */
  empty(type: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(HEADER_BYTES));
    writeEmptyFrame(view, 0, type);
    return new Uint8Array(view.buffer);
  }

  /** What a client has heard of one type. */
  frames(client: number, type: number): HeardFrame[] {
    return (this.heard.get(client) ?? []).filter((frame) => frame.type === type);
  }

  opened(client: number, connection: number): void {
    this.#connections.set(client, connection);
  }

  refused(client: number): void {
    this.#connections.delete(client);
  }

  bytes(client: number, connection: number, view: DataView, start: number, end: number): number {
    if (this.#connections.get(client) !== connection || this.isDeaf(client)) return end - start;
    for (let at = start; at < end; ) {
      const header = view.getUint16(at, true);
      const to = at + HEADER_BYTES + headerBodyBytes(header);
      const body = new DataView(Uint8Array.from({ length: to - at - 2 }, (_, n) => view.getUint8(at + 2 + n)).buffer);
      this.heard.get(client)?.push({ type: headerType(header), body });
      at = to;
    }
    return end - start;
  }

  closed(client: number, connection: number, reason: number): void {
    if (this.#connections.get(client) !== connection || this.isDeaf(client)) return;
    this.closedFor.set(client, reason);
    this.#connections.delete(client);
    this.#phones.release(connection);
  }

  #connection(client: number): number {
    const connection = this.#connections.get(client) ?? NO_CONNECTION;
    if (connection === NO_CONNECTION) throw new Error(`client ${client} has no connection`);
    return connection;
  }
}
