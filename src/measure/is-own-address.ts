/** Whether addresses belong to this machine. */
import { networkInterfaces } from 'node:os';

/** Loopback addresses (RFC 1122, RFC 4291, and the IPv4-mapped form). */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|localhost)$/i;

/** Whether only this machine can reach a host. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether a host is this machine. */
export function isOwnAddress(host: string): boolean {
  if (isLoopback(host)) return true;
  return Object.values(networkInterfaces()).some((ones) => ones?.some(({ address }) => address === host));
}
