/** Asks the kernel about the devices of this thread's network namespace, and changes them; one question at a time. */
import { errorName } from '../../tcp/system/error-number.ts';
import { Linux, type SystemCalls } from '../../tcp/system/system-calls.ts';
import { type NetlinkAnswer, readAnswer } from './netlink-messages.ts';
import { tunUnavailable } from './tun-unavailable.ts';

const NETLINK_ROUTE = 0;
/** The description of a device with all its attributes takes some 1.5 kB. */
const ANSWER_BYTES = 16_384;

export class NetlinkSocket {
  readonly #calls: SystemCalls;
  readonly #descriptor: number;
  readonly #answer = new Uint8Array(ANSWER_BYTES);
  #sequence = 0;

  /** @throws TRANSPORT_UNAVAILABLE */
  constructor(calls: SystemCalls) {
    this.#calls = calls;
    this.#descriptor = calls.socket(Linux.AF_NETLINK, Linux.SOCK_RAW | Linux.SOCK_CLOEXEC, NETLINK_ROUTE);
    if (this.#descriptor < 0) throw tunUnavailable(`a netlink socket cannot be opened: ${errorName(calls.errno())}`);
  }

  /**
   * Sends a request and waits for the answer, which the kernel writes before the call that sends returns.
   * @param what is to be done, for the message of the error.
   * @param request makes the request with this sequence number.
   * @throws TRANSPORT_UNAVAILABLE if the kernel refuses.
   */
  ask(what: string, request: (sequence: number) => Uint8Array): NetlinkAnswer {
    const sequence = ++this.#sequence;
    const message = request(sequence);
    const { addressOf, send, recv, errno } = this.#calls;
    if (send(this.#descriptor, addressOf(message), message.length, 0) < 0) {
      throw tunUnavailable(`${what} failed: ${errorName(errno())}`);
    }
    const got = recv(this.#descriptor, addressOf(this.#answer), ANSWER_BYTES, Linux.MSG_DONTWAIT);
    if (got < 0) throw tunUnavailable(`${what} failed: the kernel did not answer, ${errorName(errno())}`);
    const answer = readAnswer(this.#answer.subarray(0, got));
    if (answer === null || answer.sequence !== sequence) {
      throw tunUnavailable(`${what} failed: the kernel answered ${got} bytes that are no answer to it`);
    }
    if (answer.errno !== 0) throw tunUnavailable(`${what} failed: ${errorName(answer.errno)}`);
    return answer;
  }

  close(): void {
    this.#calls.close(this.#descriptor);
  }
}
