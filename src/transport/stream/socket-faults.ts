/** What an error of a Node socket means, as a reason that both cores know. */
import { CloseReason } from '../../wire/transport.ts';

/** Codes of errors as Node names them; see `man 2 connect`, `man 2 bind` and Node's `os.constants.errno`. */
const REFUSALS: Readonly<Record<string, number>> = {
  ECONNREFUSED: CloseReason.CONNECT_REFUSED,
  ETIMEDOUT: CloseReason.CONNECT_TIMED_OUT,
  EHOSTUNREACH: CloseReason.UNREACHABLE,
  ENETUNREACH: CloseReason.UNREACHABLE,
  EHOSTDOWN: CloseReason.UNREACHABLE,
  ENETDOWN: CloseReason.UNREACHABLE,
  ENOTFOUND: CloseReason.UNREACHABLE,
  EAI_AGAIN: CloseReason.UNREACHABLE,
  EADDRNOTAVAIL: CloseReason.PORTS_EXHAUSTED,
  // Where the source address is bound before connecting, the search for a port ends so.
  EADDRINUSE: CloseReason.PORTS_EXHAUSTED,
  EMFILE: CloseReason.DESCRIPTORS_EXHAUSTED,
  ENFILE: CloseReason.DESCRIPTORS_EXHAUSTED,
  ENOMEM: CloseReason.MEMORY_EXHAUSTED,
  ENOBUFS: CloseReason.MEMORY_EXHAUSTED,
};

/**
 * Why connecting failed.
 * @param otherwise what it is where the code names no cause: HANDSHAKE_FAILED where more than TCP
 *   has to succeed.
 */
export function refusalReason(error: unknown, otherwise: number): number {
  return REFUSALS[codeOf(error)] ?? otherwise;
}

/** Why an open connection broke. */
export function breakReason(error: unknown): number {
  const code = codeOf(error);
  if (code.startsWith('WS_ERR_')) return CloseReason.VIOLATION;
  if (code === 'ENOMEM' || code === 'ENOBUFS') return CloseReason.MEMORY_EXHAUSTED;
  return CloseReason.BROKEN;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
