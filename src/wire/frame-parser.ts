/**
 * Cuts bytes into frames. It knows no socket and keeps no state: what is left over is the
 * caller's (see FrameAssembler), and what a frame means is the sink's.
 */
import { BODY_BYTES_LEAST, BODY_BYTES_MOST, HEADER_BYTES, headerBodyBytes, headerType } from './frames.ts';

/** What a sink says to a frame. */
export const Verdict = {
  /** Handled; go on. */
  NEXT: 0,
  /** Not handled for lack of room: give me the same frame again later. */
  STALL: 1,
  /** The connection is finished; what follows is of no interest. */
  STOP: 2,
} as const;
export type Verdict = (typeof Verdict)[keyof typeof Verdict];

/** Whatever frames are given to. */
export interface FrameSink {
  /** One whole frame, of a type this version knows and a length that suits it. */
  frame(type: number, view: DataView, body: number, end: number): Verdict;
  /** A whole frame of a type this version does not know. */
  unknownFrame(type: number): Verdict;
  /** A header whose length does not suit its type. Nothing after it can be trusted. */
  malformed(type: number, bodyBytes: number): void;
}

/**
 * Gives every whole frame in `view[start, end)` to the sink, in order.
 *
 * @returns the offset behind the last frame that was handled. If the sink stalled, the
 *   complement (`~offset`) of the offset of the frame it did not take. After STOP or a malformed
 *   header, `end + 1`: nothing that follows is to be read, in this view or in the rest of the chunk.
 */
export function parseFrames(view: DataView, start: number, end: number, sink: FrameSink): number {
  let at = start;
  while (end - at >= HEADER_BYTES) {
    const header = view.getUint16(at, true);
    const type = headerType(header);
    const bodyBytes = headerBodyBytes(header);
    const body = at + HEADER_BYTES;
    const most = BODY_BYTES_MOST[type] as number; // a type has five bits, the table 32 rows
    if (most >= 0 && (bodyBytes > most || bodyBytes < (BODY_BYTES_LEAST[type] as number))) {
      sink.malformed(type, bodyBytes);
      return end + 1;
    }
    if (end - body < bodyBytes) return at;
    const verdict = most >= 0 ? sink.frame(type, view, body, body + bodyBytes) : sink.unknownFrame(type);
    if (verdict !== Verdict.NEXT) return verdict === Verdict.STALL ? ~at : end + 1;
    at = body + bodyBytes;
  }
  return at;
}
