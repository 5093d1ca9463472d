/**
 * What the codes of LOGIN_RESULT and ERROR frames mean to the driver, which has names of its own for reasons, because
 * servers of other protocols give them in other ways.
 */
import { ErrorFrameCode, LoginCode } from '../../wire/frames.ts';
import { LoginRefusal, Rejection } from '../../wire/phone-protocol.ts';
import { CloseReason } from '../../wire/transport.ts';

/** Whether a code of a LOGIN_RESULT other than ACCEPTED is known to this version. */
export function isRefusal(code: number): boolean {
  return code <= LoginCode.BUSY;
}

/** The {@link LoginRefusal} of a code that {@link isRefusal}. */
export function refusalOf(code: number): number {
  switch (code) {
    case LoginCode.VERSION_UNSUPPORTED:
      return LoginRefusal.VERSION_UNSUPPORTED;
    case LoginCode.TOKEN_WRONG:
      return LoginRefusal.CREDENTIALS_WRONG;
    case LoginCode.ACCOUNT_UNKNOWN:
      return LoginRefusal.ACCOUNT_UNKNOWN;
    default:
      return LoginRefusal.BUSY;
  }
}

/** The {@link Rejection} of an ERROR about one message. */
export function rejectionOf(code: number): number {
  switch (code) {
    case ErrorFrameCode.MAILBOX_FULL:
      return Rejection.MAILBOX_FULL;
    case ErrorFrameCode.STORE_FULL:
      return Rejection.STORE_FULL;
    case ErrorFrameCode.RECIPIENT_UNKNOWN:
      return Rejection.RECIPIENT_UNKNOWN;
    case ErrorFrameCode.ID_TOO_OLD:
      return Rejection.ID_TOO_OLD;
    case ErrorFrameCode.NOT_A_MEMBER:
      return Rejection.NOT_A_MEMBER;
    case ErrorFrameCode.GROUP_FULL:
      return Rejection.GROUP_FULL;
    case ErrorFrameCode.TOO_MANY_UNANSWERED:
      return Rejection.TOO_MANY_UNANSWERED;
    case ErrorFrameCode.OVERLOADED:
      return Rejection.OVERLOADED;
    case ErrorFrameCode.PAYLOAD_TOO_LONG:
      return Rejection.PAYLOAD_TOO_LONG;
    case ErrorFrameCode.RECIPIENT_IS_SENDER:
      return Rejection.RECIPIENT_IS_SENDER;
    default:
      return Rejection.OTHER;
  }
}

/** The CloseReason of an ERROR about the connection. */
export function lossReason(code: number): number {
  switch (code) {
    case ErrorFrameCode.SESSION_REPLACED:
      return CloseReason.SESSION_REPLACED;
    case ErrorFrameCode.HEARTBEAT_MISSED:
      return CloseReason.HEARTBEAT_MISSED;
    case ErrorFrameCode.SWITCH_STOPPING:
      return CloseReason.SWITCH_STOPPING;
    default:
      return CloseReason.VIOLATION;
  }
}
