/**
 * Source addresses and ports of a lane's phones, by arithmetic from the number of the connection:
 *
 *     address  =  first address of the lane's block + row div ports per source
 *     port     =  first port + row mod ports per source
 *
 * Each lane has a block of its own, so a packet's destination says to which lane and which row it belongs.
 */
import { assert } from '../../base/assert.ts';
import type { Segment } from './packets/segment.ts';
import type { Addresses } from './tcp/addresses.ts';

export interface PhoneBlock {
  /** The first address of the block as 32 bits. */
  readonly firstAddress: number;
  readonly firstPort: number;
  readonly portsPerSource: number;
}

/** An IPv4 address and a port. */
export interface PhoneTarget {
  readonly host: string;
  readonly port: number;
}

const NONE = -1;

/** An IPv4 address in dotted form as 32 bits, signed. */
export function addressBits(host: string): number {
  return host.split('.').reduce((bits, octet) => (bits << 8) | Number(octet), 0);
}

export class PhoneAddresses implements Addresses {
  readonly #rows: number;
  readonly #firstAddress: number;
  readonly #firstPort: number;
  readonly #ports: number;
  #targetAddresses = new Int32Array(0);
  #targetPorts = new Int32Array(0);

  /** @param rows connections that need addresses. */
  constructor(block: PhoneBlock, rows: number) {
    assert(block.firstPort + block.portsPerSource <= 65_536, 'the ports of a source are ports');
    this.#rows = rows;
    this.#firstAddress = block.firstAddress | 0;
    this.#firstPort = block.firstPort;
    this.#ports = block.portsPerSource;
  }

  /** Sets where connections are made to: one target for all shards, or one per shard. */
  setTargets(targets: readonly PhoneTarget[]): void {
    assert(targets.length > 0, 'there is somewhere to connect to');
    this.#targetAddresses = Int32Array.from(targets, ({ host }) => addressBits(host));
    this.#targetPorts = Int32Array.from(targets, ({ port }) => port);
  }

  /** The number of a shard's target. */
  targetOf(shard: number): number {
    return shard % this.#targetPorts.length;
  }

  localAddress(row: number): number {
    return (this.#firstAddress + Math.floor(row / this.#ports)) | 0;
  }

  localPort(row: number): number {
    return this.#firstPort + (row % this.#ports);
  }

  remoteAddress(_row: number, remote: number): number {
    return this.#targetAddresses[remote] as number; // from targetOf, here and below
  }

  remotePort(_row: number, remote: number): number {
    return this.#targetPorts[remote] as number;
  }

  rowOf(segment: Segment): number {
    return this.rowAt(segment.destinationAddress, segment.destinationPort);
  }

  /** The number of the connection with this address and port of the phone; below 0 if there is none. */
  rowAt(address: number, localPort: number): number {
    const source = (address - this.#firstAddress) | 0;
    const port = localPort - this.#firstPort;
    if (source < 0 || port < 0 || port >= this.#ports) return NONE;
    const row = source * this.#ports + port;
    return row < this.#rows ? row : NONE;
  }
}
