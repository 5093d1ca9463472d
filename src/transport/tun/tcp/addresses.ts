/** Which addresses a connection has, and which connection a packet is for. */
import type { Segment } from '../packets/segment.ts';

export interface Addresses {
  /** The address of our end as 32 bits, signed. @param row of the connection. */
  localAddress(row: number): number;
  localPort(row: number): number;
  /** The address of the peer. @param remote its number, as given when the connection was opened. */
  remoteAddress(row: number, remote: number): number;
  remotePort(row: number, remote: number): number;
  /**
   * The connection to whose end a packet is addressed, -1 for none; whether it comes from the peer is for the caller to
   * see.
   */
  rowOf(segment: Segment): number;
}
