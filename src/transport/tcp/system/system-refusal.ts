/** Errors of system calls over tcp as errors for the user, with a remedy. */
import { TrunklineError } from '../../../base/errors.ts';
import { ErrorNumber, errorName } from './error-number.ts';

/**
 * The error for something that the operating system refused. It is not a fault of the program, so it is no assertion.
 * @param what was refused, as the end of the sentence "The system refused …".
 * @param errno the error number of the call that failed.
 */
export function systemRefusal(what: string, errno: number): TrunklineError {
  return new TrunklineError('SYSTEM_REFUSED', `The system refused ${what}: ${errorName(errno)}. ${remedyFor(errno)}`);
}

function remedyFor(errno: number): string {
  switch (errno) {
    case ErrorNumber.EMFILE:
      return 'The limit of open files of this process is used up: raise it (ulimit -n 1048576; LimitNOFILE of a service), or run fewer shards and lanes.';
    case ErrorNumber.ENFILE:
      return 'The limit of open files of the machine is used up: raise it (sysctl -w fs.file-max=4000000), or end what holds them.';
    case ErrorNumber.ENOMEM:
    case ErrorNumber.ENOBUFS:
      return 'Memory for it ran out, or may not be locked: free some, raise the limit (ulimit -l unlimited), or run fewer phones.';
    case ErrorNumber.EPERM:
    case ErrorNumber.EACCES:
    case ErrorNumber.ENOSYS:
      return 'It is not allowed here, as in many containers: allow it, or use --set sockets.hold=descriptors, or --transport node-tcp.';
    default:
      return 'Use --set sockets.hold=descriptors or --transport node-tcp, which ask less of it.';
  }
}
