/** What a phone's input is about, by the type of its first frame. */
import { FRAME_TYPES, FrameType, HEADER_BYTES, headerType } from '../../wire/frames.ts';
import { InputKind } from '../../wire/phone-protocol.ts';

const KINDS = new Uint8Array(FRAME_TYPES).fill(InputKind.OTHER);
KINDS[FrameType.LOGIN_RESULT] = InputKind.LOGIN;
KINDS[FrameType.ACKNOWLEDGED] = InputKind.ANSWER;
KINDS[FrameType.RECEIPT] = InputKind.ANSWER;
KINDS[FrameType.PRESENCE] = InputKind.PRESENCE;
/** Behind the header of an answer stands the id of its message. */
const KNOWN_BYTES_MIN = HEADER_BYTES + 4;

/** An {@link InputKind}: OTHER for input that is shorter than a frame of another kind. */
export function inputKindOf(view: DataView, start: number, end: number): number {
  if (end - start < KNOWN_BYTES_MIN) return InputKind.OTHER;
  return KINDS[headerType(view.getUint8(start))] as number; // the table has a place for each type
}
