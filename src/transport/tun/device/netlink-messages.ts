/**
 * Requests to the kernel's routing socket (rtnetlink), as bytes: what `ip link`, `ip address` and `tc qdisc` send.
 * Built here because those programs may be missing, and because the root of a user namespace may do by netlink what it
 * may not do by ioctl.
 *
 *     nlmsghdr    0 length u32 · 4 type u16 · 6 flags u16 · 8 sequence u32 · 12 port u32
 *     rtattr      0 length u16 · 2 type u16 · 4 value, padded to four bytes
 *
 * Layouts and numbers: <linux/netlink.h>, <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_addr.h>; little-endian
 * machines.
 */
import { assert } from '../../../base/assert.ts';

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** struct ifinfomsg: family, type, index, flags, and which flags change. */
const LINK_BYTES = 16;
/** struct ifaddrmsg: family, prefix length, flags, scope, index. */
const ADDRESS_BYTES = 8;
/** struct tcmsg: family, index, handle, parent, info. */
const QUEUE_BYTES = 20;

const AF_INET = 2;
const IFF_UP = 1;
const TC_H_ROOT = 0xffffffff;
/** Longest name of a device, without the zero at its end (IFNAMSIZ). */
const DEVICE_NAME_BYTES_MAX = 15;

const MessageType = {
  NLMSG_ERROR: 2,
  RTM_NEWLINK: 16,
  RTM_GETLINK: 18,
  RTM_NEWADDR: 20,
  RTM_NEWQDISC: 36,
} as const;

const RequestFlag = {
  REQUEST: 0x1,
  ACKNOWLEDGE: 0x4,
  /** With a request for something new: in place of what is there, or besides. */
  REPLACE: 0x100,
  CREATE: 0x400,
} as const;

const Attribute = {
  IFLA_IFNAME: 3,
  IFLA_TXQLEN: 13,
  IFA_ADDRESS: 1,
  IFA_LOCAL: 2,
  TCA_KIND: 1,
} as const;

/** What the kernel answered. */
export interface NetlinkAnswer {
  readonly sequence: number;
  /** An error number, 0 for none. */
  readonly errno: number;
  /** The index of the device that the answer describes; null if it describes none. */
  readonly deviceIndex: number | null;
}

/** Asks for a device by its name; the answer has its index. */
export function deviceRequest(sequence: number, name: string): Uint8Array {
  const message = new MessageWriter(MessageType.RTM_GETLINK, RequestFlag.REQUEST, sequence, LINK_BYTES);
  return message.text(Attribute.IFLA_IFNAME, name).bytes();
}

/**
 * Switches a device on.
 * @param queuePackets packets that may wait in the device for its reader; null leaves them as they are.
 */
export function linkUpRequest(sequence: number, deviceIndex: number, queuePackets: number | null): Uint8Array {
  const message = acknowledged(MessageType.RTM_NEWLINK, 0, sequence, LINK_BYTES);
  message.view.setInt32(HEADER_BYTES + 4, deviceIndex, true);
  message.view.setUint32(HEADER_BYTES + 8, IFF_UP, true);
  message.view.setUint32(HEADER_BYTES + 12, IFF_UP, true);
  if (queuePackets !== null) message.number(Attribute.IFLA_TXQLEN, queuePackets, true);
  return message.bytes();
}

/**
 * Gives a device an IPv4 address, and with it the route to the network of its prefix.
 * @param address its first octet in the highest byte.
 */
export function addressRequest(sequence: number, deviceIndex: number, address: number, prefixBits: number): Uint8Array {
  const flags = RequestFlag.CREATE | RequestFlag.REPLACE;
  const message = acknowledged(MessageType.RTM_NEWADDR, flags, sequence, ADDRESS_BYTES);
  message.view.setUint8(HEADER_BYTES, AF_INET);
  message.view.setUint8(HEADER_BYTES + 1, prefixBits);
  message.view.setUint32(HEADER_BYTES + 4, deviceIndex, true);
  return message.number(Attribute.IFA_LOCAL, address, false).number(Attribute.IFA_ADDRESS, address, false).bytes();
}

/**
 * Takes the queueing discipline from a device: what it cannot take at once is dropped and counted, and nothing is
 * sorted.
 */
export function noQueueRequest(sequence: number, deviceIndex: number): Uint8Array {
  const flags = RequestFlag.CREATE | RequestFlag.REPLACE;
  const message = acknowledged(MessageType.RTM_NEWQDISC, flags, sequence, QUEUE_BYTES);
  message.view.setInt32(HEADER_BYTES + 4, deviceIndex, true);
  message.view.setUint32(HEADER_BYTES + 12, TC_H_ROOT, true);
  return message.text(Attribute.TCA_KIND, 'noqueue').bytes();
}

/** Reads the first message of an answer. @returns null if there is no whole message, or one of another kind. */
export function readAnswer(bytes: Uint8Array): NetlinkAnswer | null {
  if (bytes.length < HEADER_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const type = view.getUint16(4, true);
  const sequence = view.getUint32(8, true);
  if (length > bytes.length || length < HEADER_BYTES + 4) return null;
  if (type === MessageType.NLMSG_ERROR) {
    return { sequence, errno: 0 - view.getInt32(HEADER_BYTES, true), deviceIndex: null };
  }
  if (type !== MessageType.RTM_NEWLINK || length < HEADER_BYTES + LINK_BYTES) return null;
  return { sequence, errno: 0, deviceIndex: view.getInt32(HEADER_BYTES + 4, true) };
}

function acknowledged(type: number, flags: number, sequence: number, bodyBytes: number): MessageWriter {
  return new MessageWriter(type, RequestFlag.REQUEST | RequestFlag.ACKNOWLEDGE | flags, sequence, bodyBytes);
}

/** Room for every request here: the longest has a body of 20 bytes and a name. */
const REQUEST_BYTES_MAX = 128;

/** A message with attributes at its end. */
class MessageWriter {
  readonly view = new DataView(new ArrayBuffer(REQUEST_BYTES_MAX));
  #length: number;

  constructor(type: number, flags: number, sequence: number, bodyBytes: number) {
    this.view.setUint16(4, type, true);
    this.view.setUint16(6, flags, true);
    this.view.setUint32(8, sequence, true);
    this.#length = HEADER_BYTES + bodyBytes;
  }

  number(type: number, value: number, isLittleEndian: boolean): this {
    this.view.setUint32(this.#attribute(type, 4), value, isLittleEndian);
    return this;
  }

  text(type: number, value: string): this {
    assert(value.length <= DEVICE_NAME_BYTES_MAX, 'a name of a device or a discipline is short');
    const at = this.#attribute(type, value.length + 1); // with a zero at its end
    for (let n = 0; n < value.length; n++) this.view.setUint8(at + n, value.charCodeAt(n));
    return this;
  }

  bytes(): Uint8Array {
    this.view.setUint32(0, this.#length, true);
    return new Uint8Array(this.view.buffer, 0, this.#length);
  }

  /** Adds the head of an attribute. @returns where its value goes. */
  #attribute(type: number, valueBytes: number): number {
    const at = this.#length;
    this.view.setUint16(at, ATTRIBUTE_HEADER_BYTES + valueBytes, true);
    this.view.setUint16(at + 2, type, true);
    this.#length += ATTRIBUTE_HEADER_BYTES + 4 * Math.ceil(valueBytes / 4);
    return at + ATTRIBUTE_HEADER_BYTES;
  }
}
