/**
 * The CloseReason of an error of a Node socket. Node tells causes only by codes of its own; results count them by
 * reasons that are the same for all transports.
 */
import { CloseReason } from '../../wire/transport.ts';

/** Reasons by Node's error codes; see `man 2 connect`, `man 2 bind` and Node's `os.constants.errno`. */
const REFUSALS: Readonly<Record<string, number>> = {
  ECONNREFUSED: CloseReason.CONNECT_REFUSED,
  ETIMEDOUT: CloseReason.CONNECT_TIMED_OUT,
  EHOSTUNREACH: CloseReason.UNREACHABLE,
  ENETUNREACH: CloseReason.UNREACHABLE,
  EHOSTDOWN: CloseReason.UNREACHABLE,
  ENETDOWN: CloseReason.UNREACHABLE,
  ENOTFOUND: CloseReason.UNREACHABLE,
  EAI_AGAIN: CloseReason.UNREACHABLE,
  // A rule of the firewall on this machine, or SELinux.
  EPERM: CloseReason.FORBIDDEN,
  EACCES: CloseReason.FORBIDDEN,
  EADDRNOTAVAIL: CloseReason.PORTS_EXHAUSTED,
  // The error of a source address without a free port, if it is bound before connecting.
  EADDRINUSE: CloseReason.PORTS_EXHAUSTED,
  EMFILE: CloseReason.DESCRIPTORS_EXHAUSTED,
  ENFILE: CloseReason.DESCRIPTORS_EXHAUSTED,
  ENOSPC: CloseReason.DESCRIPTORS_EXHAUSTED,
  ENOMEM: CloseReason.MEMORY_EXHAUSTED,
  ENOBUFS: CloseReason.MEMORY_EXHAUSTED,
};

/**
 * The reason why a connection could not be opened.
 * @param otherwise the reason if the code does not name one: HANDSHAKE_FAILED for connections with a handshake beyond
 *   that of TCP.
 */
export function refusalReason(error: unknown, otherwise: number): number {
  return REFUSALS[codeOf(error)] ?? otherwise;
}

/** The reason why an open connection broke. */
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
