/**
 * Splits bytes into frames. It has no state: the caller keeps a partial frame at the end (see FrameAssembler), and the
 * sink interprets the frames.
 */
import { HEADER_BYTES, headerBodyBytes, headerType, TYPE_BODY_BYTES_MAX, TYPE_BODY_BYTES_MIN } from './frames.ts';

/** What a sink answers to a frame: whether the parser continues. */
export const FrameFlow = {
  /** Handled: continue. */
  NEXT: 0,
  /** Not handled for lack of room: offer the same frame again later. */
  STALL: 1,
  /** The connection has ended: skip the rest. */
  STOP: 2,
} as const;
export type FrameFlow = (typeof FrameFlow)[keyof typeof FrameFlow];

/** The receiver of frames. */
export interface FrameSink {
  /** A complete frame whose type this version knows and whose length is valid for the type. */
  frame(type: number, view: DataView, body: number, end: number): FrameFlow;
  /** A complete frame of a type that this version does not know. */
  unknownFrame(type: number): FrameFlow;
  /** A header whose length is not valid for its type. Frame boundaries after it are unknown. */
  malformed(type: number, bodyBytes: number): void;
}

/**
 * Passes every complete frame in `view[start, end)` to the sink, in order.
 *
 * @returns the offset after the last frame that was handled. If the sink stalled, the
 *   complement (`~offset`) of the offset of the frame it did not handle. After STOP or a malformed
 *   header, `end + 1`: nothing after it may be read, in this view or in the rest of the chunk.
 */
export function parseFrames(view: DataView, start: number, end: number, sink: FrameSink): number {
  let at = start;
  while (end - at >= HEADER_BYTES) {
    const header = view.getUint16(at, true);
    const type = headerType(header);
    const bodyBytes = headerBodyBytes(header);
    const body = at + HEADER_BYTES;
    const bodyBytesMax = TYPE_BODY_BYTES_MAX[type] as number; // a type has five bits, the table 32 rows
    if (bodyBytesMax >= 0 && (bodyBytes > bodyBytesMax || bodyBytes < (TYPE_BODY_BYTES_MIN[type] as number))) {
      sink.malformed(type, bodyBytes);
      return end + 1;
    }
    if (end - body < bodyBytes) return at;
    const flow = bodyBytesMax >= 0 ? sink.frame(type, view, body, body + bodyBytes) : sink.unknownFrame(type);
    if (flow !== FrameFlow.NEXT) return flow === FrameFlow.STALL ? ~at : end + 1;
    at = body + bodyBytes;
  }
  return at;
}
