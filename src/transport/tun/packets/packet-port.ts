/**
 * The interface through which IPv4 packets come and go: a device, a simulated network in front of one, or a link in a
 * test.
 *
 * Packets are written where the port sends them from and read where it received them, in batches and without a copy. To
 * send, `claim` returns the offset of a packet in a free buffer, the caller writes the packet there, from its IPv4
 * header on, and `commit` completes it. A port belongs to one thread and calls nobody.
 *
 * A port may lose packets, as networks do: those that the other side has no room for, or that cannot be written. It
 * counts them. Buffers are bounded; a caller that finds none flushes, after which there is one.
 */
import { counterPlaces } from '../../../base/counters.ts';

/** Returned by {@link PacketPort.claim} if every buffer holds a packet that was committed: flush first. */
export const NO_BUFFER = -1;

export const PACKET_COUNTERS = [
  'packetsOut',
  'packetsIn',
  'bytesOut',
  'bytesIn',
  'packetsRefused', // committed, but the other side did not take them
  'exchanges',
] as const;

/** Place of each counter in a port's row. */
export const PacketCounter = counterPlaces(PACKET_COUNTERS);

export interface PacketPort {
  /** The memory of outgoing packets. It never changes. */
  readonly output: DataView;
  /** The memory of received packets. It never changes. */
  readonly input: DataView;
  /** The longest packet that goes through, with its IPv4 header: the MTU of the link. */
  readonly packetBytesMax: number;
  /**
   * Whether checksums of TCP must be right in packets sent, and are checked in packets received. False on a link that
   * ends in this machine.
   */
  readonly needsChecksums: boolean;
  /** A row of {@link PACKET_COUNTERS}. */
  readonly counters: Float64Array;
  /**
   * Claims a buffer of {@link packetBytesMax} bytes. A buffer that was claimed and not committed is claimed again.
   * @returns the offset in `output` of the packet's first byte, or {@link NO_BUFFER}.
   */
  claim(): number;
  /** Completes the packet in the claimed buffer. It is sent by the next flush or exchange. */
  commit(bytes: number): void;
  /** Sends the packets that were committed, and frees their buffers. Received packets stay where they are. */
  flush(): void;
  /**
   * Sends the packets that were committed and receives those that have arrived, up to a limit of the port. Packets
   * received before are overwritten.
   * @returns how many packets arrived.
   */
  exchange(): number;
  /** The offset in `input` of the first byte of a received packet. @param packet 0 up to the last exchange's result. */
  start(packet: number): number;
  /** The length of a received packet in bytes, as the link delivered it. */
  bytes(packet: number): number;
  /** Whether an exchange would, as far as the port knows, receive packets: asked before a thread sleeps. */
  hasInput(): boolean;
}
