/**
 * Packets that a test writes to a device and finds in its answers; each with sums of its own, so that the kernel's are
 * checked.
 */

export const Protocol = { ICMP: 1, TCP: 6, UDP: 17 } as const;

const IP_BYTES = 20;
const UDP_BYTES = 8;
/** Where the sum of each protocol is, behind its start. */
const SUM_AT: Readonly<Record<number, number>> = { [Protocol.ICMP]: 2, [Protocol.TCP]: 16, [Protocol.UDP]: 6 };

export interface Ends {
  readonly from: number;
  readonly to: number;
}

/** An IPv4 packet. Its own sum and that of its content are right. */
export function packetOf(protocol: number, { from, to }: Ends, content: Buffer): Buffer {
  const packet = Buffer.alloc(IP_BYTES + content.length);
  packet.writeUInt16BE(0x4500, 0);
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt8(64, 8);
  packet.writeUInt8(protocol, 9);
  packet.writeUInt32BE(from >>> 0, 12);
  packet.writeUInt32BE(to >>> 0, 16);
  packet.writeUInt16BE(sumOf(packet.subarray(0, IP_BYTES)), 10);
  content.copy(packet, IP_BYTES);
  const at = IP_BYTES + (SUM_AT[protocol] ?? 0);
  packet.writeUInt16BE(0, at);
  packet.writeUInt16BE(contentSum(packet), at);
  return packet;
}

/** An echo request with a number and content. */
export function echoRequest(ends: Ends, number: number, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(8, 0);
  head.writeUInt16BE(number, 6);
  return packetOf(Protocol.ICMP, ends, Buffer.concat([head, content]));
}

export function datagram(ends: Ends, ports: { from: number; to: number }, content: Buffer): Buffer {
  const head = Buffer.alloc(UDP_BYTES);
  head.writeUInt16BE(ports.from, 0);
  head.writeUInt16BE(ports.to, 2);
  head.writeUInt16BE(UDP_BYTES + content.length, 4);
  return packetOf(Protocol.UDP, ends, Buffer.concat([head, content]));
}

/** The first segment of a connection. */
export function syn(ends: Ends, ports: { from: number; to: number }): Buffer {
  const segment = Buffer.alloc(20);
  segment.writeUInt16BE(ports.from, 0);
  segment.writeUInt16BE(ports.to, 2);
  segment.writeUInt32BE(1000, 4);
  segment.writeUInt16BE(0x5002, 12);
  segment.writeUInt16BE(65_535, 14);
  return packetOf(Protocol.TCP, ends, segment);
}

/** Whether a packet has the right sums: its header's, and that of what it carries. */
export function hasRightSums(packet: Buffer): boolean {
  return sumOf(packet.subarray(0, IP_BYTES)) === 0 && contentSum(packet) === 0;
}

function contentSum(packet: Buffer): number {
  const content = packet.subarray(IP_BYTES);
  const protocol = packet.readUInt8(9);
  if (protocol === Protocol.ICMP) return sumOf(content);
  const pseudo = Buffer.alloc(12);
  packet.copy(pseudo, 0, 12, 20);
  pseudo.writeUInt8(protocol, 9);
  pseudo.writeUInt16BE(content.length, 10);
  return sumOf(Buffer.concat([pseudo, content]));
}

/** RFC 1071, the slow way. */
function sumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at++) sum += at % 2 === 0 ? (bytes[at] ?? 0) << 8 : (bytes[at] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
