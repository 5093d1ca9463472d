/** Error numbers of Linux system calls, and the CloseReason that each one means for a connection. */
import { CloseReason } from '../../../wire/transport.ts';

/** From asm-generic/errno-base.h and errno.h. */
export const ErrorNumber = {
  EPERM: 1,
  EINTR: 4,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  ENOSYS: 38,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EINPROGRESS: 115,
} as const;

/** The reason why a connection failed, or could not be opened, by the error of the system call. */
export function closeReasonOf(errno: number): number {
  switch (errno) {
    case ErrorNumber.ECONNREFUSED:
      return CloseReason.CONNECT_REFUSED;
    case ErrorNumber.ETIMEDOUT:
      return CloseReason.CONNECT_TIMED_OUT;
    case ErrorNumber.ENETUNREACH:
    case ErrorNumber.EHOSTUNREACH:
      return CloseReason.UNREACHABLE;
    case ErrorNumber.EADDRNOTAVAIL:
    case ErrorNumber.EADDRINUSE:
      return CloseReason.PORTS_EXHAUSTED;
    case ErrorNumber.EMFILE:
    case ErrorNumber.ENFILE:
      return CloseReason.DESCRIPTORS_EXHAUSTED;
    case ErrorNumber.ENOMEM:
    case ErrorNumber.ENOBUFS:
      return CloseReason.MEMORY_EXHAUSTED;
    default:
      return CloseReason.BROKEN;
  }
}

/** `EMFILE (24)`, for messages. */
export function errorName(errno: number): string {
  const known = Object.entries(ErrorNumber).find(([, number]) => number === errno);
  return known === undefined ? `errno ${errno}` : `${known[0]} (${errno})`;
}
