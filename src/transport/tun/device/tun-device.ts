/**
 * The packets of a lane over a TUN device: a {@link PacketPort} whose buffers are read and written by one io_uring,
 * many in a system call.
 *
 * Each lane has a device of its own, because the kernel gives the queues of one device packets by a hash that is not
 * ours. Every operation carries RWF_NOWAIT: without it a read that finds nothing leaves a poll armed behind, and
 * O_NONBLOCK does not prevent that. Reads of one batch may fail and then succeed, because the other side goes on
 * meanwhile.
 */
import { assert } from '../../../base/assert.ts';
import { count, countBy } from '../../../base/counters.ts';
import type { LedgerEntry } from '../../../base/ledger-entry.ts';
import { RingOperation, SocketRing } from '../../tcp/sockets/socket-ring.ts';
import { EpollSet } from '../../tcp/system/epoll-set.ts';
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { systemRefusal } from '../../tcp/system/system-refusal.ts';
import { NO_BUFFER, PACKET_COUNTERS, PacketCounter, type PacketPort } from '../packets/packet-port.ts';
import { openTun, type TunSettings } from './open-tun.ts';

/** Packets that one exchange writes, and reads at most. More in a batch gain nothing. */
export const TUN_BUFFERS = 512;
const READS_MIN = 8;
/** A buffer holds a packet of 1500 bytes and its header. */
const BUFFER_BYTES = 2048;
const PACKET_BYTES_MAX = 1500;
/**
 * struct virtio_net_hdr, by byte:
 *
 *     0 flags u8 · 1 kind u8 · 2 header u16 · 4 segment u16 · 6 checksum start u16 · 8 checksum offset u16
 */
const OFFLOAD_HEADER_BYTES = 10;
const CHECKSUM_MISSING = 1;
/** Where the sum of TCP starts behind an IPv4 header without options, and where it goes. */
const TCP_START = 20;
const TCP_CHECKSUM_AT = 16;
const PROTOCOL_AT = 9;
const PROTOCOL_TCP = 6;
/** RWF_NOWAIT (<linux/fs.h>). */
const NOWAIT = 8;
/** The device's place in the table of the ring. */
const DEVICE_PLACE = 0;
const NO_DESCRIPTOR = -1;
const BELL_TOKEN = 1;
const DEVICE_TOKEN = 0;
/** Events of one wait: of the device and of the bell. */
const WAIT_EVENTS = 4;
/** The same two: what is watched. */
const WATCHED_MAX = 2;

const always = (): boolean => true;

export class TunDevice implements PacketPort {
  readonly packetBytesMax = PACKET_BYTES_MAX;
  readonly needsChecksums: boolean;
  readonly counters = new Float64Array(PACKET_COUNTERS.length);
  readonly output: DataView;
  readonly input: DataView;
  readonly #calls: SystemCalls;
  readonly #descriptor: number;
  readonly #ring: SocketRing;
  readonly #epoll: EpollSet;
  readonly #headerBytes: number;
  readonly #outAddress = new Float64Array(1);
  readonly #inAddress = new Float64Array(1);
  /** Results of reads, by buffer, and then of writes. */
  readonly #results = new Int32Array(2 * TUN_BUFFERS);
  readonly #lengths = new Int32Array(TUN_BUFFERS);
  readonly #arrived = new Int32Array(TUN_BUFFERS);
  #committed = 0;
  #reads = READS_MIN;
  #isFull = false;

  /**
   * Makes the device.
   * @param bellDescriptor an eventfd that ends {@link wait}; null without one.
   * @throws TRANSPORT_UNAVAILABLE, SYSTEM_REFUSED
   */
  constructor(calls: SystemCalls, settings: TunSettings, bellDescriptor: number | null) {
    this.#calls = calls;
    this.needsChecksums = settings.hasChecksums;
    this.#headerBytes = settings.hasChecksums ? 0 : OFFLOAD_HEADER_BYTES;
    const outBytes = new Uint8Array(TUN_BUFFERS * BUFFER_BYTES);
    const inBytes = new Uint8Array(TUN_BUFFERS * BUFFER_BYTES);
    this.output = new DataView(outBytes.buffer);
    this.input = new DataView(inBytes.buffer);
    this.#outAddress[0] = calls.addressOf(outBytes);
    this.#inAddress[0] = calls.addressOf(inBytes);
    this.#descriptor = openTun(calls, settings);
    const ring = SocketRing.make(calls, 2 * TUN_BUFFERS, 1);
    if (ring === null) {
      const refusal = systemRefusal('an io_uring for the packets of a lane', calls.errno());
      calls.close(this.#descriptor);
      throw refusal;
    }
    this.#ring = ring;
    this.#setPlace(this.#descriptor);
    this.#epoll = new EpollSet(calls, WAIT_EVENTS, WATCHED_MAX);
    this.#epoll.add(this.#descriptor, 0, DEVICE_TOKEN, Linux.EPOLLIN);
    // The eventfd is edge-triggered and never read, so each ring of the bell is a new event.
    if (bellDescriptor !== null) this.#epoll.add(bellDescriptor, 0, BELL_TOKEN, Linux.EPOLLIN | Linux.EPOLLET);
  }

  ledger(): LedgerEntry[] {
    const arrays = this.#results.byteLength + this.#lengths.byteLength + this.#arrived.byteLength;
    const bytes = this.output.byteLength + this.input.byteLength + arrays + this.#epoll.bytes;
    return [{ owner: 'transport', name: 'packets of a lane', bytes, rowBytes: 0, rowsUsed: 0 }];
  }

  claim(): number {
    if (this.#committed === TUN_BUFFERS) return NO_BUFFER;
    return this.#committed * BUFFER_BYTES + this.#headerBytes;
  }

  commit(bytes: number): void {
    assert(bytes > 0 && bytes <= PACKET_BYTES_MAX, 'a packet fits its buffer');
    const at = this.#committed * BUFFER_BYTES;
    if (this.#headerBytes > 0) this.#writeHeader(at);
    this.#lengths[this.#committed++] = this.#headerBytes + bytes;
  }

  flush(): void {
    if (this.#committed === 0) return;
    this.#askWrites();
    this.#run();
    this.#countWrites();
  }

  exchange(): number {
    const reads = this.#reads;
    this.#askWrites();
    for (let n = 0; n < reads; n++) {
      this.#ring.addTransfer(
        RingOperation.READ,
        DEVICE_PLACE,
        this.#inAddress,
        n * BUFFER_BYTES,
        BUFFER_BYTES,
        NOWAIT,
        n,
      );
    }
    this.#run();
    this.#countWrites();
    const arrived = this.#takeReads(reads);
    this.#isFull = arrived === reads;
    this.#reads = this.#isFull
      ? Math.min(TUN_BUFFERS, 2 * reads)
      : Math.min(TUN_BUFFERS, Math.max(READS_MIN, arrived + (arrived >> 2)));
    return arrived;
  }

  start(packet: number): number {
    return (this.#arrived[packet] as number) * BUFFER_BYTES + this.#headerBytes; // below the last exchange's result
  }

  bytes(packet: number): number {
    return (this.#results[this.#arrived[packet] as number] as number) - this.#headerBytes; // likewise
  }

  hasInput(): boolean {
    return this.#isFull;
  }

  /** Sleeps until a packet is there or the bell rings, for at most `micros`. */
  wait(micros: number): void {
    this.#epoll.fetch(micros, always);
  }

  /** Closes the device, which ends with this. Its table lets go of it first: the kernel frees a ring a little later. */
  shutdown(): void {
    this.#setPlace(NO_DESCRIPTOR);
    this.#epoll.close();
    this.#ring.shutdown();
    this.#calls.close(this.#descriptor);
  }

  /** Sets what the only place of the ring's table holds. */
  #setPlace(descriptor: number): void {
    const descriptors = new Uint8Array(Int32Array.of(descriptor).buffer);
    const address = Float64Array.of(this.#calls.addressOf(descriptors));
    this.#ring.addUpdate(DEVICE_PLACE, address, 0, 1, 0);
    this.#ring.run(this.#results);
    assert(this.#results[0] === 1, 'a ring takes the descriptor of a device that is open');
  }

  #writeHeader(at: number): void {
    const isTcp = this.output.getUint8(at + OFFLOAD_HEADER_BYTES + PROTOCOL_AT) === PROTOCOL_TCP;
    this.output.setUint8(at, isTcp ? CHECKSUM_MISSING : 0);
    this.output.setUint16(at + 6, isTcp ? TCP_START : 0, true);
    this.output.setUint16(at + 8, isTcp ? TCP_CHECKSUM_AT : 0, true);
  }

  #askWrites(): void {
    for (let n = 0; n < this.#committed; n++) {
      const bytes = this.#lengths[n] as number; // committed, here and below
      const result = TUN_BUFFERS + n;
      this.#ring.addTransfer(
        RingOperation.WRITE,
        DEVICE_PLACE,
        this.#outAddress,
        n * BUFFER_BYTES,
        bytes,
        NOWAIT,
        result,
      );
    }
  }

  #run(): void {
    this.#ring.run(this.#results);
    count(this.counters, PacketCounter.exchanges);
  }

  #countWrites(): void {
    let refused = 0;
    let bytesOut = 0;
    for (let n = 0; n < this.#committed; n++) {
      if (this.#results[TUN_BUFFERS + n] !== this.#lengths[n]) refused++;
      else bytesOut += (this.#lengths[n] as number) - this.#headerBytes;
    }
    countBy(this.counters, PacketCounter.packetsOut, this.#committed - refused);
    countBy(this.counters, PacketCounter.packetsRefused, refused);
    countBy(this.counters, PacketCounter.bytesOut, bytesOut);
    this.#committed = 0;
  }

  /** @returns how many of the reads found a packet. */
  #takeReads(reads: number): number {
    let arrived = 0;
    let bytesIn = 0;
    for (let n = 0; n < reads; n++) {
      const bytes = (this.#results[n] as number) - this.#headerBytes; // below the number of buffers
      if (bytes <= 0) continue;
      this.#arrived[arrived++] = n;
      bytesIn += bytes;
    }
    countBy(this.counters, PacketCounter.packetsIn, arrived);
    countBy(this.counters, PacketCounter.bytesIn, bytesIn);
    return arrived;
  }
}
